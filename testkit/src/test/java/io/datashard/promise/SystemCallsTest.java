package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.storage.LocalStore;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import io.datashard.testkit.Strace;
import io.datashard.testkit.tables.Tables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the kernel is told and what it says, seen and made with {@link Strace}: the order of syncs
 * (I2, I3), and a file system without hard links (I1).
 */
@Timeout(180)
class SystemCallsTest {
  private static final String CALLS =
      "mkdir,mkdirat,open,openat,creat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,"
          + "sync,syncfs,sync_file_range,msync,link,linkat,symlink,rename,renameat,renameat2,"
          + "unlink,unlinkat";

  /** A thread's call: its name, all it was given, and what it returned. */
  private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)\\)\\s+= (-?\\d+)(.*)");

  private static final Pattern OF_DESCRIPTOR = Pattern.compile("^\\d+<([^>]*)>");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

  @TempDir private Path given;
  private Path folder;

  /** A call and when it began and ended: the numbers of its lines. */
  private record Call(int begin, int end, String name, String arguments) {
    /** The path of the descriptor that it works on; "" if it works on none. */
    String path() {
      Matcher of = OF_DESCRIPTOR.matcher(arguments);
      return of.find() ? of.group(1) : "";
    }

    List<String> texts() {
      List<String> texts = new ArrayList<>();
      Matcher each = TEXT.matcher(arguments);
      while (each.find()) {
        texts.add(each.group(1));
      }
      return texts;
    }

    boolean isSync() {
      return name.equals("fsync") || name.equals("fdatasync");
    }

    boolean isWrite() {
      return name.contains("write") || name.equals("ftruncate");
    }
  }

  @BeforeEach
  void needsStrace() throws Exception {
    folder = given.toRealPath();
    Strace.require("SystemCallsTest");
  }

  @Test
  void whatAVersionNamesIsSyncedBeforeItAndItsNameBeforeTheAnswer() throws Exception {
    Path location = folder.resolve("new/lake/table");
    List<Call> calls = callsOf(location, "fsync");

    Map<Integer, Call> links = links(calls, location);
    assertThat(links.keySet()).containsExactly(1, 2, 3);
    List<Call> answers = answers(calls);
    for (int version = 1; version <= 3; version++) {
      Call link = links.get(version);
      Call answer = answers.get(version - 1);
      for (Path file : filesNamedBy(location, version)) {
        checkSyncedBetween(calls, lastWrite(calls, file.toString()), link, file);
        checkSyncedBetween(calls, creationOf(calls, file), link, file.getParent());
      }
      String head = link.texts().get(0); // the name under which it was written and synced
      checkSyncedBetween(calls, lastWrite(calls, head), link, Path.of(head));
      checkSyncedBetween(calls, link, answer, location.resolve("metadata"));
    }
    checkNewFolders(calls, location, links, answers);
  }

  /** Each new folder's name is durable before the first version that has something in it. */
  private void checkNewFolders(
      List<Call> calls, Path location, Map<Integer, Call> links, List<Call> answers) {
    List<Path> made = new ArrayList<>();
    for (Call call : calls) {
      if (call.name().startsWith("mkdir") && !call.texts().isEmpty()) {
        Path folderMade = Path.of(call.texts().get(0));
        if (!folderMade.startsWith(folder)) {
          continue;
        }
        made.add(folderMade);
        boolean withTheFirst = location.resolve("metadata").startsWith(folderMade);
        Call before = withTheFirst ? answers.get(0) : links.get(2);
        checkSyncedBetween(calls, call, before, folderMade.getParent());
      }
    }
    assertThat(made)
        .contains(
            folder.resolve("new"),
            folder.resolve("new/lake"),
            location,
            location.resolve("metadata"),
            location.resolve("metadata/manifests"),
            location.resolve("data"));
  }

  @Test
  void atOsTheKernelIsNeverAskedToSync() throws Exception {
    Path location = folder.resolve("new/lake/table");
    List<Call> calls = callsOf(location, "os");

    assertThat(links(calls, location).keySet()).containsExactly(1, 2, 3);
    assertThat(calls).noneMatch(each -> each.isSync() && each.path().startsWith("" + folder));
    assertThat(calls).noneMatch(each -> each.name().contains("sync") && !each.isSync());
    assertThat(calls).noneMatch(each -> each.arguments().matches(".*O_(D?SYNC|DIRECT)\\b.*"));
  }

  @Test
  void withoutHardLinksAnAppendIsRefusedAndNothingIsCommitted() throws Exception {
    Path location = folder.resolve("t");
    DataShard.createTable(location, Tables.SCHEMA).close();
    Path said = folder.resolve("said");
    Path journal = folder.resolve("journal");
    Process refused =
        new ProcessBuilder(
                Strace.withoutHardLinks(
                    RealProcess.command(AppendingProcess.class, location, 0, 1, journal)))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(refused.waitFor(120, TimeUnit.SECONDS)).as("it ended").isTrue();
    assertThat(Files.readString(said))
        .contains("StorageException: Cannot create " + location + "/metadata/v2.metadata.json")
        .contains("this file system has no hard links")
        .contains("Nothing was changed. Put the table on a file system that has them");
    assertThat(refused.exitValue()).isEqualTo(1);
    assertThat(Files.readAllLines(journal)).containsExactly("sent 0");

    Process ordinary =
        RealProcess.start(said.toFile(), AppendingProcess.class, location, 5, 1, journal);
    assertThat(ordinary.waitFor(120, TimeUnit.SECONDS)).as("it ended").isTrue();
    assertThat(ordinary.exitValue()).as(Files.readString(said)).isZero();
    assertThat(Tables.countsById(LocalStore.of(folder).at("t"))).isEqualTo(Tables.once(5, 6));
    Verification found = DataShard.verify(location.toString()).deep().run();
    assertThat(found.damages()).isEmpty();
    assertThat(found.counts().versions()).isEqualTo(2);
    assertThat(found.counts().orphanFiles()).as("files that the refused one left").isZero();
  }

  // What happened.

  private void checkSyncedBetween(List<Call> calls, Call first, Call last, Path path) {
    assertThat(calls)
        .as("syncs of %s after %s and before %s", path, first, last)
        .anyMatch(
            each ->
                each.isSync()
                    && each.path().equals(path.toString())
                    && each.begin() > first.end()
                    && each.end() < last.begin());
  }

  /** The last write through any name of the file before it is closed for ever. */
  private static Call lastWrite(List<Call> calls, String path) {
    return calls.stream()
        .filter(each -> each.isWrite() && each.path().equals(path))
        .reduce((one, other) -> other)
        .orElseThrow(() -> new AssertionError("nobody wrote " + path));
  }

  private static Call creationOf(List<Call> calls, Path path) {
    return calls.stream()
        .filter(each -> each.name().startsWith("open") && each.arguments().contains("O_CREAT"))
        .filter(each -> each.texts().contains(path.toString()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nobody created " + path));
  }

  /** By version. Who links has found that the name is free, so each link is a win. */
  private static Map<Integer, Call> links(List<Call> calls, Path location) {
    Map<Integer, Call> links = new HashMap<>();
    Pattern name = Pattern.compile(Pattern.quote(location + "/metadata/v") + "(\\d+)\\..*");
    for (Call call : calls) {
      assertThat(call.name().startsWith("rename") && call.arguments().contains("metadata/v1."))
          .as("a rename replaces a rival's version: %s", call)
          .isFalse();
      if (call.name().startsWith("link")) {
        Matcher version = name.matcher(call.texts().get(call.texts().size() - 1));
        if (version.matches()) {
          links.put(Integer.parseInt(version.group(1)), call);
        }
      }
    }
    return links;
  }

  private List<Call> answers(List<Call> calls) {
    List<Call> answers =
        calls.stream()
            .filter(each -> each.isWrite() && each.path().equals("" + folder.resolve("answers")))
            .toList();
    assertThat(answers).hasSize(3);
    return answers;
  }

  /** Manifest list, manifests and data files of a version. */
  private static List<Path> filesNamedBy(Path location, int version) {
    TreeSet<Path> files = new TreeSet<>();
    try (Table table = DataShard.loadTable(location)) {
      List<Snapshot> snapshots;
      try (Stream<Snapshot> all = table.snapshots()) {
        snapshots = all.limit(version - 1L).toList();
      }
      for (Snapshot snapshot : snapshots) {
        files.add(pathOf(snapshot.manifestList()));
        try (var manifests = table.manifests(snapshot);
            var data = table.dataFiles(snapshot)) {
          manifests.forEach(each -> files.add(pathOf(each.location())));
          data.forEach(each -> files.add(pathOf(each.location())));
        }
      }
    }
    assertThat(files).hasSize(3 * (version - 1));
    return List.copyOf(files);
  }

  private static Path pathOf(String location) {
    assertThat(location).startsWith("file://");
    return Path.of(location.substring("file://".length()));
  }

  // Seeing it.

  private List<Call> callsOf(Path location, String durability) throws Exception {
    Path trace = folder.resolve("trace");
    Path said = folder.resolve("said");
    List<String> command =
        Strace.command(
            RealProcess.command(
                TracedProcess.class, location, folder.resolve("answers"), durability),
            "-y",
            "-s",
            "4096",
            "-e",
            "trace=" + CALLS,
            "-o",
            trace.toString());
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ended").isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    return parse(Files.readAllLines(trace, java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  /**
   * One line for each call, or two if other threads came between: {@code 12 fsync(3</a> <unfinished
   * ...>} and {@code 12 <... fsync resumed>) = 0}.
   */
  private static List<Call> parse(List<String> lines) {
    List<Call> calls = new ArrayList<>();
    Map<String, String> begun = new HashMap<>();
    Map<String, Integer> beginnings = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = lines.get(i).split("\\s+", 2);
      String thread = parts[0];
      String rest = parts.length < 2 ? "" : parts[1];
      int begin = i;
      if (rest.endsWith("<unfinished ...>")) {
        begun.put(thread, rest.substring(0, rest.length() - "<unfinished ...>".length()));
        beginnings.put(thread, i);
        continue;
      }
      if (rest.startsWith("<... ")) {
        String beginning = begun.remove(thread);
        if (beginning == null) {
          continue;
        }
        begin = beginnings.get(thread);
        rest = beginning + rest.substring(rest.indexOf("resumed>") + "resumed>".length());
      }
      Matcher call = CALL.matcher(rest);
      if (call.matches() && !call.group(3).startsWith("-")) {
        calls.add(new Call(begin, i, call.group(1), call.group(2)));
      }
    }
    assertThat(calls).as("calls seen").isNotEmpty();
    return calls;
  }
}
