package io.datashard.internal.env;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The folder in which the processes of one user on one machine find each other. Only the user can
 * enter it, and it belongs to him: where others can write, anybody may have made it before us.
 *
 * <p>It is the one that the system property {@code datashard.machine.folder} or the environment
 * variable {@code DATASHARD_MACHINE_DIR} names ("none" for none), else one of our own in the user's
 * runtime folder, else in the temporary folder. What lies in it may vanish at any time.
 */
final class MachineFolder {
  private static final String PROPERTY = "datashard.machine.folder";
  private static final String VARIABLE = "DATASHARD_MACHINE_DIR";
  private static final String NONE = "none";

  /** A socket's address holds about 104 bytes at least, its end among them. */
  private static final int PATH_BYTES_MAX = 100;

  /** The longest name of ours: 16 digits, a place, a suffix. */
  private static final int NAME_BYTES_MAX = 24;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  /** Looked for at first use: who only reads needs none. */
  private static final class Shared {
    static final @Nullable MachineFolder FOUND = find();
  }

  private final Path path;
  private final UserPrincipal owner;

  private MachineFolder(Path path, UserPrincipal owner) {
    this.path = path;
    this.owner = owner;
  }

  /** This process's; null if there is none. */
  static @Nullable MachineFolder shared() {
    return Shared.FOUND;
  }

  private static @Nullable MachineFolder find() {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    if (named != null && !named.isEmpty()) {
      return named.equals(NONE) ? null : named(named);
    }
    for (Path candidate : candidates()) {
      try {
        return at(candidate);
      } catch (IOException | RuntimeException e) {
        LoggerFactory.getLogger(MachineFolder.class).debug("Not used: {}", e.toString());
      }
    }
    return null;
  }

  private static @Nullable MachineFolder named(String name) {
    try {
      return at(Path.of(name));
    } catch (IOException | RuntimeException e) {
      LoggerFactory.getLogger(MachineFolder.class)
          .warn("Nothing is shared with other processes of this machine: {}", e.toString());
      return null;
    }
  }

  private static List<Path> candidates() {
    List<Path> candidates = new ArrayList<>();
    String name = "datashard-" + user();
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null && !runtime.isEmpty()) {
      candidates.add(Path.of(runtime, name));
    }
    candidates.add(Path.of(System.getProperty("java.io.tmpdir"), name));
    return candidates;
  }

  /** The number of the user where it can be had: names can be set, and need not exist. */
  private static String user() {
    try {
      return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | RuntimeException e) {
      return System.getProperty("user.name", "").replace('/', '_');
    }
  }

  /**
   * This folder, made if it is not there.
   *
   * @throws IOException it cannot be had, or is not the user's alone; or its path is too long
   */
  static MachineFolder at(Path named) throws IOException {
    try {
      Files.createDirectory(named, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      // What it is comes next.
    } catch (UnsupportedOperationException e) {
      throw new IOException(named + " cannot be made for its owner alone on this system.", e);
    }
    PosixFileAttributes found =
        Files.readAttributes(named, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()) {
      throw new IOException(named + " is not a folder. Remove it, or name another one.");
    }
    if (!found.permissions().equals(OWNER_ONLY)) {
      throw new IOException(
          named
              + " has the permissions "
              + PosixFilePermissions.toString(found.permissions())
              + "; it must have rwx------, so that only its owner gets in.");
    }
    UserPrincipal owner = userOf(named);
    if (!found.owner().equals(owner)) {
      throw new IOException(
          named + " belongs to " + found.owner().getName() + ", not to " + owner.getName() + ".");
    }
    Path path = named.toRealPath();
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length + 1 + NAME_BYTES_MAX;
    if (bytes > PATH_BYTES_MAX) {
      throw new IOException(
          path
              + " is too long for sockets: "
              + bytes
              + " bytes with a name, at most "
              + PATH_BYTES_MAX
              + ". Name a shorter folder.");
    }
    return new MachineFolder(path, owner);
  }

  /** Who we are: the owner of what we make. */
  private static UserPrincipal userOf(Path folder) throws IOException {
    Path mine = Files.createTempFile(folder, "owner", null);
    try {
      return Files.getOwner(mine, LinkOption.NOFOLLOW_LINKS);
    } finally {
      Files.deleteIfExists(mine);
    }
  }

  Path path() {
    return path;
  }

  /** The user whose processes meet here. */
  UserPrincipal owner() {
    return owner;
  }

  /** The files of one seat of one key. */
  SeatFiles seat(String key, int place) {
    return new SeatFiles(path.resolve(nameOf(Boot.ID + ' ' + key) + '.' + place));
  }

  /** A folder that several machines see must not make one of them: each boot has its own names. */
  private static final class Boot {
    static final String ID = read();

    private static String read() {
      try {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      } catch (IOException | RuntimeException e) {
        return "";
      }
    }
  }

  /**
   * 16 digits. Two keys of one name would only find each other's committer, and be turned away; so
   * this need not be a strong hash, the loading of which takes longer than all the rest.
   */
  private static String nameOf(String text) {
    long hash = 0xcbf29ce484222325L; // FNV-1a, then mixed as in MurmurHash3
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return String.format("%016x", hash ^ hash >>> 33);
  }
}
