package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds the rooms of core apart. A room is a package with everything below it; the door, {@code
 * io.datashard}, is that one package only. What is imported and what is named in full in code both
 * count; comments, Javadoc and string literals do not.
 */
class RoomsTest {

  private static final String ROOT = "io.datashard";

  /** The door's key in the table. */
  private static final String DOOR = "";

  /** Room -> the rooms it may import, lowest floor first: a room names only rooms listed before. */
  private static final Map<String, Set<String>> MAY_IMPORT = new LinkedHashMap<>();

  static {
    // Floor 0
    MAY_IMPORT.put("schema", Set.of());
    MAY_IMPORT.put("error", Set.of());
    MAY_IMPORT.put("internal.env", Set.of());
    MAY_IMPORT.put("internal.checksum", Set.of());
    // Floor 1
    MAY_IMPORT.put("storage", Set.of("error"));
    MAY_IMPORT.put("table", Set.of("schema", "error"));
    MAY_IMPORT.put("expr", Set.of("schema", "error"));
    MAY_IMPORT.put("data", Set.of("schema", "error"));
    // Floor 2
    MAY_IMPORT.put("internal.log", Set.of("storage", "error", "internal.env"));
    MAY_IMPORT.put("internal.metadata", Set.of("schema", "table", "error", "internal.checksum"));
    MAY_IMPORT.put("internal.manifest", Set.of("schema", "table", "error", "internal.checksum"));
    MAY_IMPORT.put(
        "internal.parquet",
        Set.of("data", "expr", "storage", "table", "schema", "error", "internal.checksum"));
    // Floor 3: commit and scan never see rows
    MAY_IMPORT.put("internal.history", Set.of("storage", "internal.metadata", "table", "error"));
    MAY_IMPORT.put("internal.ledger", Set.of("storage", "internal.metadata", "table", "error"));
    MAY_IMPORT.put(
        "internal.commit",
        Set.of(
            "internal.history",
            "internal.ledger",
            "internal.log",
            "internal.metadata",
            "internal.manifest",
            "storage",
            "table",
            "expr",
            "schema",
            "error",
            "internal.env"));
    MAY_IMPORT.put(
        "internal.scan",
        Set.of(
            "internal.metadata",
            "internal.manifest",
            "storage",
            "table",
            "expr",
            "schema",
            "error",
            "internal.env"));
    // Floor 4
    MAY_IMPORT.put(
        "internal.rows",
        Set.of(
            "internal.scan",
            "internal.parquet",
            "internal.manifest",
            "internal.metadata",
            "storage",
            "table",
            "expr",
            "data",
            "schema",
            "error",
            "internal.env"));
    // Floor 5: all of floors 0 to 4
    MAY_IMPORT.put(
        "internal.care",
        Set.of(
            "internal.rows",
            "internal.commit",
            "internal.history",
            "internal.ledger",
            "internal.scan",
            "internal.log",
            "internal.metadata",
            "internal.manifest",
            "internal.parquet",
            "storage",
            "table",
            "expr",
            "data",
            "schema",
            "error",
            "internal.env"));
    // Floor 6
    MAY_IMPORT.put(
        "internal.relay",
        Set.of(
            "internal.rows",
            "internal.commit",
            "internal.history",
            "internal.ledger",
            "internal.care",
            "internal.log",
            "internal.metadata",
            "storage",
            "table",
            "expr",
            "data",
            "schema",
            "error",
            "internal.env"));
    // Floor 7: the door; all below, and nothing in core imports it
    MAY_IMPORT.put(
        DOOR,
        Set.of(
            "internal.relay",
            "internal.care",
            "internal.rows",
            "internal.commit",
            "internal.history",
            "internal.ledger",
            "internal.scan",
            "internal.log",
            "internal.metadata",
            "internal.manifest",
            "internal.parquet",
            "storage",
            "table",
            "expr",
            "data",
            "schema",
            "error",
            "internal.env",
            "internal.checksum"));
  }

  /** Comments and literals; the longer openings first, so that {@code """} is not read as "". */
  private static final Pattern NOT_CODE =
      Pattern.compile(
          "//[^\\n]*"
              + "|/\\*.*?\\*/"
              + "|\"\"\"(?:\\\\.|[^\\\\])*?\"\"\""
              + "|\"(?:\\\\.|[^\"\\\\\\n])*\""
              + "|'(?:\\\\.|[^'\\\\\\n])+'",
          Pattern.DOTALL);

  private static final Pattern PACKAGE_LINE = Pattern.compile("\\bpackage\\s+[\\w.]+\\s*;");
  private static final Pattern OWN_NAME =
      Pattern.compile("(?<![\\w.])io\\.datashard((?:\\s*\\.\\s*\\w+)*)");

  @Test
  void everyRoomOfCoreImportsOnlyWhatItMay() throws IOException {
    Path sources = Path.of(System.getProperty("basedir", "")).resolve("src/main/java");

    assertThat(problemsBelow(sources)).isEmpty();
    assertThat(javaFilesBelow(sources)).as("sources of core").isNotEmpty();
  }

  @Test
  void everyRoomNamesOnlyRoomsListedBeforeIt() {
    Set<String> before = new TreeSet<>();
    MAY_IMPORT.forEach(
        (room, allowed) -> {
          assertThat(before).as("rooms below " + shown(room)).containsAll(allowed);
          before.add(room);
        });
    assertThat(MAY_IMPORT.get(DOOR)).as("the door sees every room").hasSize(MAY_IMPORT.size() - 1);
  }

  @Test
  void aForbiddenImportIsNamed() {
    assertThat(problemsIn("storage", "LocalStorage.java", "import io.datashard.internal.log.Log;"))
        .containsExactly("storage must not import internal.log (LocalStorage.java)");
    assertThat(
            problemsIn(
                "internal.commit",
                "Committer.java",
                """
                package io.datashard.internal.commit;
                import static io.datashard.internal.parquet.Pages.PAGE_BYTES;
                import io.datashard.data.*;
                import io.datashard.DataShard;
                import io.datashard.storage.Storage;
                class Committer {}
                """))
        .containsExactly(
            "internal.commit must not import data (Committer.java)",
            "internal.commit must not import internal.parquet (Committer.java)",
            "internal.commit must not import io.datashard (Committer.java)");
  }

  @Test
  void aNameInFullCountsAsAnImport() {
    assertThat(problemsIn("expr", "Eq.java", "class Eq { io.datashard.table.Snapshot s; }"))
        .containsExactly("expr must not import table (Eq.java)");
    assertThat(problemsIn("expr", "Eq.java", "class Eq { io.datashard\n  .table.Snapshot s; }"))
        .containsExactly("expr must not import table (Eq.java)");
  }

  @Test
  void commentsAndLiteralsDoNotCount() {
    assertThat(
            problemsIn(
                "error",
                "Oops.java",
                """
                /** See {@link io.datashard.Table}. */
                // and io.datashard.storage.Storage
                class Oops {
                  char quote = '"';
                  String name = "/* io.datashard.table.Snapshot";
                  int other = my.io.datashard.storage.X;
                }
                """))
        .isEmpty();
    assertThat(
            problemsIn(
                "error", "Oops.java", "char q = '\"'; io.datashard.storage.X x; char r = '\"';"))
        .containsExactly("error must not import storage (Oops.java)");
  }

  @Test
  void aRoomMayUseItselfAndPackagesInsideIt() {
    assertThat(
            problemsIn(
                "internal.parquet", "W.java", "import io.datashard.internal.parquet.enc.Rle;"))
        .isEmpty();
    assertThat(problemsIn("internal.parquet.enc", "Rle.java", "import io.datashard.data.Batch;"))
        .isEmpty();
    assertThat(
            problemsIn("internal.parquet.enc", "Rle.java", "import io.datashard.internal.env.Env;"))
        .containsExactly("internal.parquet must not import internal.env (Rle.java)");
  }

  @Test
  void aPackageOutsideTheTableIsAnError() {
    assertThat(problemsIn("util", "Strings.java", "class Strings {}"))
        .containsExactly("util is not in the table of rooms (Strings.java)");
    assertThat(problemsIn("internal", "Strings.java", "class Strings {}"))
        .containsExactly("internal is not in the table of rooms (Strings.java)");
    assertThat(problemsIn("storage", "Local.java", "import io.datashard.storagex.Far;"))
        .containsExactly("storagex is not in the table of rooms (Local.java)");
  }

  @Test
  void aPackageWithoutNullMarkedIsAnError(@TempDir Path sources) throws IOException {
    Path storage = Files.createDirectories(sources.resolve("io/datashard/storage"));
    Files.writeString(storage.resolve("Storage.java"), "package io.datashard.storage;");
    assertThat(problemsBelow(sources)).containsExactly("storage has no package-info.java");

    Path info = storage.resolve("package-info.java");
    Files.writeString(info, "/** Not @NullMarked. */ package io.datashard.storage;");
    assertThat(problemsBelow(sources)).containsExactly("storage is not @NullMarked");

    Files.writeString(
        info, "@NullMarked package io.datashard.storage; import org.jspecify.annotations.*;");
    assertThat(problemsBelow(sources)).isEmpty();
  }

  private static List<String> problemsBelow(Path sources) throws IOException {
    Map<String, Path> folders = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    for (Path file : javaFilesBelow(sources)) {
      String inPackage = packageOf(sources.relativize(file.getParent()));
      folders.put(inPackage, file.getParent());
      problems.addAll(problemsIn(inPackage, file.getFileName().toString(), Files.readString(file)));
    }
    for (Map.Entry<String, Path> folder : folders.entrySet()) {
      Path info = folder.getValue().resolve("package-info.java");
      if (!Files.exists(info)) {
        problems.add(shown(folder.getKey()) + " has no package-info.java");
      } else if (!codeOf(Files.readString(info)).matches("(?s).*@[\\w.]*\\bNullMarked\\b.*")) {
        problems.add(shown(folder.getKey()) + " is not @NullMarked");
      }
    }
    return problems;
  }

  private static List<Path> javaFilesBelow(Path sources) throws IOException {
    try (Stream<Path> all = Files.walk(sources)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  /** The package below the root, empty for the root; the full name for a package elsewhere. */
  private static String packageOf(Path folder) {
    String name = folder.toString().replace(folder.getFileSystem().getSeparator(), ".");
    if (name.equals(ROOT)) {
      return DOOR;
    }
    return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : name;
  }

  /**
   * What is wrong with one source file, each thing once, in alphabetical order.
   *
   * @param inPackage the file's package below the root, for example {@code internal.log}
   */
  private static Set<String> problemsIn(String inPackage, String file, String source) {
    Optional<String> room = roomOf(inPackage);
    if (room.isEmpty()) {
      return Set.of(notInTable(inPackage, file));
    }
    Set<String> problems = new TreeSet<>();
    Matcher names = OWN_NAME.matcher(PACKAGE_LINE.matcher(codeOf(source)).replaceAll(" "));
    while (names.find()) {
      String named = packageIn(names.group(1).replaceAll("\\s", ""));
      Optional<String> other = roomOf(named);
      if (other.isEmpty()) {
        problems.add(notInTable(named, file));
      } else if (!other.equals(room) && !MAY_IMPORT.get(room.get()).contains(other.get())) {
        problems.add(shown(room.get()) + " must not import " + shown(other.get()) + in(file));
      }
    }
    return problems;
  }

  private static String codeOf(String source) {
    return NOT_CODE.matcher(source).replaceAll(" ");
  }

  /** {@code .internal.log.Log.open} -> {@code internal.log}: packages are in lower case here. */
  private static String packageIn(String dotted) {
    List<String> parts = new ArrayList<>();
    for (String part : dotted.split("\\.")) {
      if (!part.isEmpty()) {
        if (Character.isUpperCase(part.charAt(0))) {
          break;
        }
        parts.add(part);
      }
    }
    return String.join(".", parts);
  }

  private static Optional<String> roomOf(String inPackage) {
    for (String room = inPackage; !room.isEmpty(); ) {
      if (MAY_IMPORT.containsKey(room)) {
        return Optional.of(room);
      }
      room = room.contains(".") ? room.substring(0, room.lastIndexOf('.')) : "";
    }
    return inPackage.equals(DOOR) ? Optional.of(DOOR) : Optional.empty();
  }

  private static String notInTable(String inPackage, String file) {
    return inPackage + " is not in the table of rooms" + in(file);
  }

  private static String shown(String room) {
    return room.equals(DOOR) ? ROOT : room;
  }

  private static String in(String file) {
    return " (" + file + ")";
  }
}
