package io.datashard.storage;

import io.datashard.error.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tables in local folders, also on mounted network file systems that have hard links.
 *
 * <p>A location is a path, absolute or relative to the store's base, taken letter by letter; or a
 * URI with the scheme {@code file}, in any of its spellings. {@code %20} and the like in a URI
 * stand for one byte of UTF-8, unless there is a folder of the very name with them in: {@link
 * Storage#location()} is plain text, as Iceberg has it, and what it returns opens the same table
 * again. {@code #} and {@code ?} are letters like others.
 *
 * <p>Symbolic links in the path of a table's folder are resolved here, as far as the path exists,
 * so that one table has one location whichever name it is opened by. A link <em>inside</em> the
 * table may lead to another place inside it, never outside.
 */
public final class LocalStore implements Store {
  /** Something before a colon and a slash; one letter would be a drive. */
  private static final Pattern SCHEME =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):/.*", Pattern.DOTALL);

  private static final Pattern FILE_URI =
      Pattern.compile("file:(.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Shared by all stores of this process: what the kernel told one of them, it tells no other. */
  private static final Syncs REAL_SYNCS = new Syncs(Disk.real());

  private final Path base;
  private final Syncs syncs;

  private LocalStore(Path base, Syncs syncs) {
    this.base = base.toAbsolutePath();
    this.syncs = syncs;
  }

  /** Relative locations are taken from this folder, which need not exist yet. */
  public static LocalStore of(Path base) {
    return new LocalStore(base, REAL_SYNCS);
  }

  /** Relative locations are taken from the folder in which the process was started. */
  public static LocalStore inWorkingDirectory() {
    return of(Path.of(""));
  }

  /** The same store, which syncs and links through this; for tests. */
  public LocalStore through(Disk disk) {
    return new LocalStore(base, new Syncs(disk));
  }

  /**
   * The storage of the table in this folder.
   *
   * @throws StorageException a part of the path cannot be looked at
   */
  @Override
  public Storage at(String location) {
    return at(folderOf(location));
  }

  /**
   * The storage of the table in this folder; relative paths are taken from the store's base.
   *
   * @throws IllegalArgumentException it is the root folder
   * @throws StorageException a part of the path cannot be looked at
   */
  public Storage at(Path folder) {
    Path root = real(base.resolve(folder).toAbsolutePath());
    if (root.getParent() == null) {
      throw new IllegalArgumentException(
          "the root folder " + root + " cannot be a table; name a folder below it");
    }
    return new LocalStorage("file://" + root, root, syncs);
  }

  /** The scheme of a location in lower case; "" for a path. */
  static String schemeOf(String location) {
    if (FILE_URI.matcher(location).matches()) {
      return "file";
    }
    Matcher other = SCHEME.matcher(location);
    return other.matches() ? other.group(1).toLowerCase(Locale.ROOT) : "";
  }

  private Path folderOf(String location) {
    if (location.isBlank()) {
      throw new IllegalArgumentException(
          "a table's location must be a path or a file: URI, got '" + location + "'");
    }
    try {
      Matcher uri = FILE_URI.matcher(location);
      if (uri.matches()) {
        return ofFileUri(location, uri.group(1));
      }
      Matcher other = SCHEME.matcher(location);
      if (other.matches()) {
        throw new IllegalArgumentException(
            "'"
                + location
                + "' is not in the local file system: this store takes paths and file: URIs."
                + " Use the store for "
                + other.group(1).toLowerCase(Locale.ROOT)
                + ", or write './"
                + location
                + "' if a local folder has this name.");
      }
      return Path.of(location);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "'"
              + location
              + "' cannot be a path on this machine: "
              + e.getReason()
              + ". If it holds letters beyond ASCII, run with LC_ALL=C.UTF-8.",
          e);
    }
  }

  /** file:/x, file:///x and file://localhost/x. */
  private static Path ofFileUri(String location, String afterScheme) {
    String path = afterScheme;
    if (path.startsWith("//")) {
      int slash = path.indexOf('/', 2);
      String host = slash < 0 ? path.substring(2) : path.substring(2, slash);
      if (!host.isEmpty() && !host.equalsIgnoreCase("localhost")) {
        throw new IllegalArgumentException(
            "'"
                + location
                + "' names the machine '"
                + host
                + "'; a file: URI can only name this one. Write file:///path, with three slashes.");
      }
      path = slash < 0 ? "" : path.substring(slash);
    }
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException(
          "'"
              + location
              + "' has no absolute path. Write file:///path, or the relative path without 'file:'.");
    }
    Path literal = Path.of(path);
    return Files.isDirectory(literal) ? literal : Path.of(decoded(path));
  }

  /** With %XX replaced; the text itself where that gives no text. */
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        out.write(bytes[i]);
        continue;
      }
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        return text;
      }
      out.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(out.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      return text;
    }
  }

  /** Without symbolic links as far as it exists, the rest as written. */
  private static Path real(Path path) {
    Path there = path;
    while (!Files.exists(there)) {
      Path above = there.getParent();
      if (above == null) {
        return path.normalize();
      }
      there = above;
    }
    try {
      Path real = there.toRealPath();
      int known = there.getNameCount();
      return known == path.getNameCount()
          ? real
          : real.resolve(path.subpath(known, path.getNameCount())).normalize();
    } catch (IOException e) {
      throw LocalErrors.storage("look at", path, e);
    }
  }
}
