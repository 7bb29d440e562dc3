package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher {@code ./datashard}, run as people run it. It stands in a clone of its own, of which
 * only what was packaged is real: so nothing is ever built here.
 */
class LauncherIT {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

  @TempDir private Path folder;
  private Path clone;

  @BeforeEach
  void cloneWithEverythingBuilt() throws IOException {
    clone = cloneIn(folder.resolve("clone"));
  }

  private static Path cloneIn(Path root) throws IOException {
    Files.createDirectories(root.resolve("core/src/main"));
    Files.createDirectories(root.resolve("cli/src/main"));
    Files.createDirectories(root.resolve("cli/target"));
    for (String pom : List.of("pom.xml", "core/pom.xml", "cli/pom.xml")) {
      Files.createFile(root.resolve(pom));
    }
    for (String old :
        List.of("pom.xml", "core/pom.xml", "cli/pom.xml", "core/src/main", "cli/src/main")) {
      Files.setLastModifiedTime(root.resolve(old), FileTime.fromMillis(0));
    }
    Path lib = Files.createDirectory(root.resolve("cli/target/lib"));
    try (Stream<Path> jars = Files.list(MODULE.resolve("target/lib"))) {
      for (Path one : jars.toList()) {
        Files.copy(one, lib.resolve(one.getFileName()));
      }
    }
    Path jar = root.resolve("cli/target/datashard.jar");
    Files.copy(MODULE.resolve("target/datashard.jar"), jar);
    // Built a while ago: clocks of file systems are coarse.
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
    Files.copy(MODULE.resolveSibling("datashard"), root.resolve("datashard"));
    // Making an archive takes seconds; a test that wants one lets go of this lock.
    lockArchive(root, ProcessHandle.current().pid());
    return root;
  }

  private static void lockArchive(Path root, long owner) throws IOException {
    Path lock = Files.createDirectories(root.resolve("cli/target/archiving"));
    Files.writeString(lock.resolve("owner"), Long.toString(owner));
  }

  private void letArchiveBeMade() throws IOException {
    Files.delete(clone.resolve("cli/target/archiving/owner"));
    Files.delete(clone.resolve("cli/target/archiving"));
  }

  /** What a run printed and how it ended. */
  private record Run(int code, String out, String err) {}

  private Run run(Map<String, String> environment, Path in, Object... words) throws Exception {
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(List.of(words).stream().map(String::valueOf).toList())
            .directory(in.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, Files.readString(err));
  }

  private Run run(Object... words) throws Exception {
    return run(Map.of(), folder, words);
  }

  private String version() throws IOException {
    try (Stream<Path> jars = Files.list(MODULE.resolve("target/lib"))) {
      return jars.map(jar -> jar.getFileName().toString())
          .filter(name -> name.startsWith("datashard-core-"))
          .map(name -> name.substring("datashard-core-".length(), name.length() - ".jar".length()))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void runsFromAnyFolderThroughASymbolicLinkAndInAPathWithSpaces() throws Exception {
    Path spaced = cloneIn(folder.resolve("a clone with 'spaces'"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), spaced.resolve("datashard"));
    Run expected = new Run(0, "datashard " + version() + "\n", "");

    assertThat(run(link, "--version")).isEqualTo(expected);
    assertThat(run(Map.of(), spaced, "./datashard", "--version")).isEqualTo(expected);
    assertThat(run(Map.of(), spaced.resolve("cli"), "../datashard", "--version"))
        .isEqualTo(expected);
    assertThat(run(Map.of(), spaced, "sh", "datashard", "--version")).isEqualTo(expected);
  }

  @Test
  void exitCodesAndQuotedWordsPassThrough() throws Exception {
    Path table = folder.resolve("my table");
    Path launcher = clone.resolve("datashard");

    assertThat(run(launcher, "create", table, "--column", "na me string").code()).isZero();
    assertThat(run(launcher, "count", table, "--where", "\"na me\" = 'x y'"))
        .isEqualTo(new Run(0, "0\n", ""));
    assertThat(run(launcher, "count").code()).isEqualTo(2);
    assertThat(run(launcher, "count").err()).contains("Try '" + launcher + " count --help'.");
    assertThat(run(launcher, "count", folder.resolve("none")).code()).isEqualTo(1);
    Files.delete(table.resolve("metadata/v1.metadata.json"));
    assertThat(run(launcher, "verify", table).code()).isEqualTo(3);
  }

  @Test
  void anyScriptInAnyLocale() throws Exception {
    Path table = folder.resolve("t");
    Path launcher = clone.resolve("datashard");
    Map<String, String> posix = Map.of("LC_ALL", "POSIX", "LANG", "C");
    String name = "gr\u00f6\u00dfe \u6771\u4eac";

    // The words of a process go through the locale, so a file brings them to the shell.
    Path script =
        Files.writeString(
            folder.resolve("script.sh"),
            "\"$1\" create \"$2\" --column '"
                + name
                + " string' >/dev/null && \"$1\" scan \"$2\" --format csv --columns '"
                + name
                + "'\n");

    assertThat(run(posix, folder, "sh", script, launcher, table))
        .isEqualTo(new Run(0, name + "\n", ""));
  }

  @Test
  void theArchiveIsMadeAndUsed() throws Exception {
    letArchiveBeMade();
    Path archive = clone.resolve("cli/target/datashard.jsa");
    Path log = folder.resolve("classes.log");
    Map<String, String> logging = Map.of("DATASHARD_JAVA_OPTS", "-Xlog:class+load:file=" + log);

    assertThat(run(logging, folder, clone.resolve("datashard"), "--version").code()).isZero();

    assertThat(archive).isNotEmptyFile();
    assertThat(Files.readString(log)).contains("io.datashard.cli.Main source: shared objects file");
    FileTime made = Files.getLastModifiedTime(archive);
    run(clone.resolve("datashard"), "--version");
    assertThat(Files.getLastModifiedTime(archive)).isEqualTo(made);
    assertThat(clone.resolve("cli/target/archiving")).doesNotExist();
  }

  @Test
  void aDamagedArchiveIsMadeAnew() throws Exception {
    letArchiveBeMade();
    Path archive = clone.resolve("cli/target/datashard.jsa");
    run(clone.resolve("datashard"), "--version");
    byte[] whole = Files.readAllBytes(archive);
    Files.delete(archive);
    Files.write(archive, java.util.Arrays.copyOf(whole, whole.length / 2));

    assertThat(run(clone.resolve("datashard"), "--version"))
        .isEqualTo(new Run(0, "datashard " + version() + "\n", ""));

    assertThat(Files.size(archive)).isGreaterThan(whole.length / 2);
  }

  @Test
  void theCompressorsLibraryIsUnpackedOnce() throws Exception {
    letArchiveBeMade();
    Path launcher = clone.resolve("datashard");
    Path table = folder.resolve("t");
    Path rows = folder.resolve("rows.csv");
    Files.writeString(rows, "id,name\n" + "1,a name that is said a hundred times\n".repeat(1_000));
    run(launcher, "create", table, "--column", "id long", "--column", "name string");
    // Where nothing can be unpacked, only what was unpacked before is of use.
    Map<String, String> nowhere =
        Map.of("DATASHARD_JAVA_OPTS", "-Djava.io.tmpdir=" + folder.resolve("none"));
    assertThat(run(nowhere, folder, launcher, "append", table, rows).code()).isZero();

    Path library;
    try (Stream<Path> natives = Files.list(clone.resolve("cli/target/native"))) {
      library = natives.findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(library);
    Files.write(library, java.util.Arrays.copyOf(whole, whole.length / 2));
    Run scan = run(nowhere, folder, launcher, "scan", table, "--where", "id = 1", "--limit", "1");
    assertThat(scan.err()).isEmpty();
    assertThat(scan.code()).isZero();
    assertThat(library).as("cut, and so unpacked anew").hasBinaryContent(whole);
  }

  @Test
  void anArchiveThatCannotBeMadeHarmsNothing() throws Exception {
    // Somebody else is at it, and stays so: this very test.
    assertThat(run(clone.resolve("datashard"), "--version"))
        .isEqualTo(new Run(0, "datashard " + version() + "\n", ""));
    assertThat(clone.resolve("cli/target/datashard.jsa")).doesNotExist();

    // A dead owner is nobody.
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    lockArchive(clone, dead.pid());
    assertThat(run(clone.resolve("datashard"), "--version").code()).isZero();
    assertThat(clone.resolve("cli/target/datashard.jsa")).isNotEmptyFile();
  }

  @Test
  void severalAtOnceWithoutAnArchive() throws Exception {
    letArchiveBeMade();
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(
          new ProcessBuilder(clone.resolve("datashard").toString(), "--version")
              .redirectErrorStream(true)
              .start());
    }
    for (Process process : all) {
      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("datashard " + version() + "\n");
      assertThat(process.waitFor()).isZero();
    }
    assertThat(clone.resolve("cli/target/datashard.jsa")).isNotEmptyFile();
  }

  @Test
  void anOldJavaIsNamed() throws Exception {
    Path home = javaHome("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");

    Run run = run(Map.of("JAVA_HOME", home.toString()), folder, clone.resolve("datashard"), "-V");

    assertThat(run.err())
        .isEqualTo(
            "datashard: "
                + home
                + "/bin/java is version 11; a JDK 17 or newer is needed. Set JAVA_HOME to one.\n");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void aJavaHomeWithoutJavaIsNamed() throws Exception {
    Run run = run(Map.of("JAVA_HOME", "/nowhere"), folder, clone.resolve("datashard"), "-V");

    assertThat(run.err())
        .isEqualTo("datashard: JAVA_HOME is /nowhere, where there is no bin/java.\n");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void aMissingMavenIsNamedWhenThereIsSomethingToBuild() throws Exception {
    Files.delete(clone.resolve("cli/target/datashard.jar"));
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool :
        List.of("sh", "readlink", "sed", "head", "find", "mkdir", "rm", "cat", "sleep", "touch")) {
      Path found =
          Stream.of("/bin/", "/usr/bin/")
              .map(dir -> Path.of(dir + tool))
              .filter(Files::exists)
              .findFirst()
              .orElseThrow();
      program(tools.resolve(tool), "exec " + found + " \"$@\"");
    }
    Map<String, String> environment =
        Map.of("PATH", tools.toString(), "JAVA_HOME", System.getProperty("java.home"));

    Run run = run(environment, folder, tools.resolve("sh"), clone.resolve("datashard"), "-V");

    assertThat(run.err())
        .isEqualTo("datashard: there is no mvn in PATH: install Maven 3.8 or newer to build.\n");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void sourcesThatChangedAreBuilt() throws Exception {
    run(clone.resolve("datashard"), "--version");
    Files.writeString(clone.resolve("core/src/main/New.java"), "class New {}");
    Path bin = Files.createDirectory(folder.resolve("bin"));
    program(bin.resolve("mvn"), "echo \"mvn $*\"");
    Map<String, String> environment = Map.of("PATH", bin + ":" + System.getenv("PATH"));

    Run run = run(environment, folder, clone.resolve("datashard"), "--version");

    assertThat(run.out()).isEqualTo("datashard " + version() + "\n");
    assertThat(run.err())
        .startsWith("datashard: sources have changed, building ...\nmvn -q ")
        .contains("-f " + clone.toRealPath() + "/pom.xml")
        .contains(" -pl cli -am package");
    // What was built is not built again.
    assertThat(run(clone.resolve("datashard"), "--version").err()).isEmpty();
  }

  @Test
  void aFailedBuildIsAnErrorAndIsTriedAgain() throws Exception {
    Files.writeString(clone.resolve("core/src/main/New.java"), "class New {}");
    Path bin = Files.createDirectory(folder.resolve("bin"));
    program(bin.resolve("mvn"), "exit 1");
    Map<String, String> environment = Map.of("PATH", bin + ":" + System.getenv("PATH"));

    for (int i = 0; i < 2; i++) {
      Run run = run(environment, folder, clone.resolve("datashard"), "--version");
      assertThat(run.err())
          .isEqualTo(
              "datashard: sources have changed, building ...\n"
                  + "datashard: the build failed; see above.\n");
      assertThat(run.code()).isEqualTo(1);
    }
    assertThat(clone.resolve("cli/target/building")).doesNotExist();
  }

  @Test
  void sqlFetchesItsDriverOnce() throws Exception {
    withVersions();
    Path driver = jarOfTests("duckdb_jdbc-");
    Path bin = Files.createDirectory(folder.resolve("bin"));
    program(
        bin.resolve("mvn"),
        "for word; do case $word in\n"
            + "-DoutputDirectory=*) into=${word#*=} ;;\n"
            + "-Dartifact=org.duckdb:duckdb_jdbc:*) version=${word##*:} ;;\n"
            + "esac; done\n"
            + "mkdir -p \"$into\" && cp '"
            + driver
            + "' \"$into/duckdb_jdbc-$version.jar\"");
    Map<String, String> environment = Map.of("PATH", bin + ":" + System.getenv("PATH"));
    Path launcher = clone.resolve("datashard");
    Path table = folder.resolve("numbers");
    assertThat(run(launcher, "create", table, "--column", "n long").code()).isZero();
    String query = "SELECT count(*) AS \"how many\" FROM numbers";

    Run first = run(environment, folder, launcher, "sql", table, query);

    assertThat(first.out()).isEqualTo("{\"how many\":0}\n");
    assertThat(first.err()).startsWith("datashard: first sql: fetching DuckDB ").hasLineCount(1);
    assertThat(clone.resolve("cli/target/sql"))
        .isDirectoryContaining("glob:**" + driver.getFileName());
    program(bin.resolve("mvn"), "exit 1");
    assertThat(run(environment, folder, launcher, "sql", table, query))
        .isEqualTo(new Run(0, "{\"how many\":0}\n", ""));
  }

  @Test
  void aDriverThatCannotBeFetchedIsAnError() throws Exception {
    withVersions();
    Path bin = Files.createDirectory(folder.resolve("bin"));
    program(
        bin.resolve("mvn"),
        "for word; do case $word in -DoutputDirectory=*) mkdir \"${word#*=}\" ;; esac; done\n"
            + "echo 'no way to the registry' >&2; exit 1");
    Map<String, String> environment = Map.of("PATH", bin + ":" + System.getenv("PATH"));

    Run run = run(environment, folder, clone.resolve("datashard"), "sql", "t", "SELECT 1");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .endsWith("no way to the registry\ndatashard: DuckDB cannot be fetched; see above.\n");
    try (Stream<Path> left = Files.list(clone.resolve("cli/target"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("sql"));
    }
  }

  /** The launcher looks for the driver's version in the project's own file. */
  private void withVersions() throws IOException {
    Path pom = clone.resolve("pom.xml");
    Files.copy(MODULE.resolveSibling("pom.xml"), pom, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(pom, FileTime.fromMillis(0));
  }

  private static Path jarOfTests(String namePrefix) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(path -> path.getFileName().toString().startsWith(namePrefix))
        .findFirst()
        .orElseThrow(() -> new AssertionError("The tests have no " + namePrefix + "*.jar."));
  }

  private Path javaHome(String script) throws IOException {
    Path home = folder.resolve("jdk");
    program(Files.createDirectories(home.resolve("bin")).resolve("java"), script);
    return home;
  }

  private static void program(Path path, String script) throws IOException {
    Files.writeString(path, "#!/bin/sh\n" + script + "\n");
    assertThat(path.toFile().setExecutable(true)).isTrue();
  }
}
