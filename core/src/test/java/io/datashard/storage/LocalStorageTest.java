package io.datashard.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the local store has: syncs and links in their order, symbolic links, permissions. */
class LocalStorageTest {
  private static final String V1 = "metadata/v1.metadata.json";

  @TempDir private Path given;
  private Path folder;
  private Path table;
  private WatchedDisk disk;
  private Storage storage;

  @BeforeEach
  void open() throws Exception {
    folder = given.toRealPath();
    table = folder.resolve("t");
    disk = new WatchedDisk(folder);
    storage = LocalStore.of(folder).through(disk).at("t");
  }

  // The order of syncs (I2, I3)

  @Test
  void anExclusiveCreateSyncsTheFileLinksItAndSyncsTheFolder() {
    storage.createExclusive(V1, bytes("one"));
    disk.events.clear();

    storage.createExclusive("metadata/v2.metadata.json", bytes("content"));

    assertThat(disk.events)
        .containsExactly(
            "sync file t/metadata/.tmp-* of 7 bytes",
            "link t/metadata/.tmp-* as t/metadata/v2.metadata.json",
            "sync folder t/metadata");
  }

  @Test
  void whatACreateNamesIsSyncedBesideItsContentAndBeforeTheLink() {
    storage.createExclusive(V1, bytes("one"));
    write("data/first");
    write("metadata/m/first");
    List<NewFile> named = List.of(finished("data/a"), finished("metadata/m/b"));
    disk.events.clear();

    assertThat(storage.createExclusive("metadata/v2.metadata.json", bytes("content"), named))
        .isEqualTo(PutOutcome.CREATED);

    assertThat(disk.events.subList(0, 5))
        .containsExactlyInAnyOrder(
            "sync file t/metadata/.tmp-* of 7 bytes",
            "sync file t/data/a of 6 bytes",
            "sync file t/metadata/m/b of 12 bytes",
            "sync folder t/data",
            "sync folder t/metadata/m");
    assertThat(disk.events.subList(5, disk.events.size()))
        .containsExactly(
            "link t/metadata/.tmp-* as t/metadata/v2.metadata.json", "sync folder t/metadata");
  }

  @Test
  void nothingIsLinkedThatNamesAFileWhichMayNotLast() throws IOException {
    storage.createExclusive(V1, bytes("one"));
    NewFile named = finished("data/a");
    disk.events.clear();
    disk.failAt = "sync file t/data/a";

    assertThatThrownBy(
            () ->
                storage.createExclusive(
                    "metadata/v2.metadata.json", bytes("content"), List.of(named)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Input/output error");
    assertThat(disk.events).noneMatch(event -> event.startsWith("link"));
    assertThat(filesBelow(table)).hasSize(2);
  }

  @Test
  void whatALostCreateNamesIsDurableAllTheSame() {
    storage.createExclusive(V1, bytes("one"));
    NewFile named = finished("data/a");
    disk.events.clear();

    assertThat(storage.createExclusive(V1, bytes("content"), List.of(named)))
        .isEqualTo(PutOutcome.EXISTED);
    assertThat(disk.events).contains("sync file t/data/a of 6 bytes", "sync folder t/data");
  }

  private void write(String key) {
    storage.makeDurable(List.of(finished(key)));
  }

  private NewFile finished(String key) {
    NewFile file = storage.create(key);
    file.write(new byte[key.length()], 0, key.length());
    file.finish();
    return file;
  }

  @Test
  void theFirstCreateAlsoSyncsEveryNewFolderAndTheFolderAboveIt() {
    Storage deep = LocalStore.of(folder).through(disk).at("lake/new/t");
    deep.createExclusive(V1, bytes("one"));

    assertThat(disk.events.subList(0, 4))
        .containsExactly(
            "sync folder .",
            "sync folder lake",
            "sync file lake/new/t/metadata/.tmp-* of 3 bytes",
            "link lake/new/t/metadata/.tmp-* as lake/new/t/" + V1);
    assertThat(disk.events.subList(4, disk.events.size()))
        .containsExactlyInAnyOrder(
            "sync folder lake/new/t/metadata", "sync folder lake/new/t", "sync folder lake/new");
  }

  @Test
  void foldersThatAnotherProcessMadeAreSyncedOnceToo() throws Exception {
    Files.createDirectories(table.resolve("metadata"));
    storage.createExclusive(V1, bytes("one"));
    assertThat(disk.events)
        .contains("sync folder t/metadata", "sync folder t", "sync folder .")
        .hasSize(5);
  }

  @Test
  void eachFileAndEachTouchedFolderIsSyncedOnce() {
    storage.createExclusive(V1, bytes("one"));
    disk.events.clear();
    List<NewFile> files = new ArrayList<>();
    for (String key : List.of("data/p=1/a", "data/p=1/b", "data/p=2/c", "metadata/m/d")) {
      files.add(finished(key));
    }
    assertThat(disk.events).isEmpty();
    storage.makeDurable(files);

    assertThat(disk.events)
        .containsExactlyInAnyOrder(
            "sync file t/data/p=1/a of 10 bytes",
            "sync file t/data/p=1/b of 10 bytes",
            "sync file t/data/p=2/c of 10 bytes",
            "sync file t/metadata/m/d of 12 bytes",
            "sync folder t/data/p=1",
            "sync folder t/data/p=2",
            "sync folder t/data",
            "sync folder t/metadata/m",
            "sync folder t/metadata",
            "sync folder t");

    disk.events.clear();
    NewFile next = storage.create("data/p=2/e");
    next.finish();
    storage.makeDurable(List.of(next));
    assertThat(disk.events)
        .containsExactlyInAnyOrder("sync file t/data/p=2/e of 0 bytes", "sync folder t/data/p=2");
  }

  @Test
  void aVersionOfAnotherProcessIsSyncedWithItsFolder() {
    LocalStore.of(folder).at("t").createExclusive(V1, bytes("one"));
    storage.makeDurable(V1);
    assertThat(disk.events)
        .containsExactlyInAnyOrder(
            "sync file t/" + V1 + " of 3 bytes",
            "sync folder t/metadata",
            "sync folder t",
            "sync folder .");
  }

  @Test
  void anImportedFileIsSyncedBeforeAndItsFolderAfterTheLink() throws IOException {
    Path source = Files.writeString(folder.resolve("source"), "12345");
    storage.importFile(source, "data/a");
    assertThat(disk.events.subList(0, 2))
        .containsExactly("sync file source of 5 bytes", "link source as t/data/a");
    assertThat(disk.events).contains("sync folder t/data");
    assertThat(Files.isSameFile(source, table.resolve("data/a"))).isTrue();
  }

  @Test
  void aReplacedFileIsNotSynced() {
    storage.replace("metadata/version-hint.text", bytes("1"));
    assertThat(disk.events).isEmpty();
  }

  // When a sync or a link fails

  @Test
  void aFailedFileSyncMeansThatNothingChanged() throws IOException {
    disk.failAt = "sync file";
    assertThatThrownBy(() -> storage.createExclusive(V1, bytes("one")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Input/output error");
    assertThat(filesBelow(table)).isEmpty();

    disk.failAt = null;
    assertThat(storage.createExclusive(V1, bytes("one"))).isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void aFailedFolderSyncAfterTheLinkIsAnUnknownOutcome() {
    storage.createExclusive(V1, bytes("one"));
    disk.failAt = "sync folder t/metadata";
    assertThatThrownBy(() -> storage.createExclusive("metadata/v2.metadata.json", bytes("two")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("v2.metadata.json")
        .hasMessageContaining("Input/output error");
    assertThat(storage.exists("metadata/v2.metadata.json")).isTrue();
  }

  @Test
  void aFailedSyncIsNeverRepeated() {
    storage.createExclusive(V1, bytes("one"));
    disk.failAt = "sync folder t/metadata";
    assertThatThrownBy(() -> storage.makeDurable(V1)).isInstanceOf(StorageException.class);
    disk.failAt = null;
    disk.events.clear();

    // A second sync would succeed although the kernel has dropped what it could not write.
    assertThatThrownBy(() -> storage.makeDurable(V1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("earlier sync");
    assertThat(disk.events).containsExactly("sync file t/" + V1 + " of 3 bytes");
  }

  @Test
  void oneFailedSyncAmongManyFailsThemAll() {
    List<NewFile> files = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      NewFile file = storage.create("data/" + i);
      file.finish();
      files.add(file);
    }
    disk.failAt = "sync file t/data/13 ";
    assertThatThrownBy(() -> storage.makeDurable(files))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Input/output error")
        .hasMessageContaining("No commit may name it");
    assertThat(disk.events).filteredOn(each -> each.startsWith("sync file")).hasSize(20);
  }

  @Test
  void aFolderThatCouldNotBeOpenedMayBeSyncedLater() {
    storage.createExclusive(V1, bytes("one"));
    disk.failure = new FileSystemException("t/metadata", null, "Too many open files");
    disk.failAt = "sync folder t/metadata";
    assertThatThrownBy(() -> storage.makeDurable(V1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Too many open files");
    disk.failAt = null;
    storage.makeDurable(V1);
  }

  @Test
  void theFolderThatHoldsTheTableNeedNotBeReadable() {
    disk.failure = new AccessDeniedException(folder.toString());
    disk.failAt = "sync folder .";
    assertThat(storage.createExclusive(V1, bytes("one"))).isEqualTo(PutOutcome.CREATED);

    disk.failAt = "sync folder t/metadata";
    assertThatThrownBy(() -> storage.makeDurable(V1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("permission denied");
  }

  @Test
  void anImportedFileIsAsYoungAsItsName() throws Exception {
    // What was linked a moment ago may not look as if it had been there for years (I7).
    Path source = Files.writeString(folder.resolve("old"), "rows");
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(source, old);

    storage.importFile(source, "data/a");

    assertThat(Files.getLastModifiedTime(table.resolve("data/a"))).isEqualTo(old);
    assertThat(storage.find("data/a").orElseThrow().modifiedMillis()).isGreaterThan(old.toMillis());
    assertThat(storage.listAll("data"))
        .singleElement()
        .isEqualTo(storage.find("data/a").orElseThrow());
  }

  @Test
  void aFileSystemWithoutHardLinksIsRefused() throws IOException {
    List<Exception> refusals =
        List.of(
            new UnsupportedOperationException(),
            new FileSystemException("a", "b", "Operation not permitted"),
            new FileSystemException("a", "b", "Operation not supported"));
    for (Exception refusal : refusals) {
      disk.linkFailure = refusal;
      assertThatThrownBy(() -> storage.createExclusive(V1, bytes("one")))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("has no hard links")
          .hasMessageContaining(V1);
      assertThat(filesBelow(table)).isEmpty();
    }
    Path source = Files.writeString(folder.resolve("source"), "12345");
    storage.importFile(source, "data/a");
    assertThat(Files.readString(table.resolve("data/a"))).isEqualTo("12345");
    assertThat(disk.events).contains("sync file t/data/a of 5 bytes");
  }

  @Test
  void aLinkWhoseAnswerWasLostIsOurOwn() throws IOException {
    // A network file system sends the request again and then finds the name taken, or gives up.
    for (Exception answer : List.of(new FileAlreadyExistsException("v"), new IOException("EIO"))) {
      disk.linkFailure = answer;
      disk.linkAnyway = true;
      String key = "metadata/" + answer.getClass().getSimpleName();
      assertThat(storage.createExclusive(key, bytes("one"))).isEqualTo(PutOutcome.CREATED);
      assertThat(disk.events).last().asString().startsWith("sync folder");
      assertThat(filesBelow(table)).noneMatch(name -> name.contains(".tmp-"));
    }
  }

  @Test
  void aLinkThatFailedSomehowIsAnUnknownOutcomeAndOneThatWasRefusedIsNot() throws IOException {
    disk.linkFailure = new FileSystemException("a", "b", "Connection timed out");
    assertThatThrownBy(() -> storage.createExclusive(V1, bytes("one")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("Connection timed out")
        .hasMessageContaining(V1);

    disk.linkFailure = new FileSystemException("a", "b", "No space left on device");
    assertThatThrownBy(() -> storage.createExclusive(V1, bytes("one")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("No space left on device. Free some space on that disk");
    assertThat(filesBelow(table)).isEmpty();
  }

  // Symbolic links (I8)

  @Test
  void linksThatLeadOutsideAreNeitherReadNorChanged() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside/deep"));
    Files.writeString(outside.resolve("secret"), "secret");
    Files.createDirectories(table.resolve("data"));
    Files.createSymbolicLink(table.resolve("data/folder"), outside);
    Files.createSymbolicLink(table.resolve("data/file"), outside.resolve("secret"));
    Files.createSymbolicLink(table.resolve("up"), folder.resolve("outside"));
    for (String key : List.of("data/folder/secret", "data/file", "up/deep/secret")) {
      checkOutside(() -> storage.open(key, -1));
      checkOutside(() -> storage.read(key, 100));
      checkOutside(() -> storage.exists(key));
      checkOutside(() -> storage.identity(key));
      checkOutside(() -> storage.makeDurable(key));
    }
    for (String key : List.of("data/folder/new", "up/new", "up/new/below")) {
      checkOutside(() -> storage.create(key));
      checkOutside(() -> storage.createExclusive(key, bytes("x")));
      checkOutside(() -> storage.replace(key, bytes("x")));
      checkOutside(() -> storage.importFile(outside.resolve("secret"), key));
    }
    checkOutside(() -> storage.delete("data/folder/secret"));
    checkOutside(() -> storage.list("data/folder", ""));
    checkOutside(() -> storage.listAll("data/folder"));
    checkOutside(() -> storage.names("up/deep", ""));

    assertThat(filesBelow(folder.resolve("outside"))).containsExactly("deep/secret");
    storage.delete("data/file");
    assertThat(table.resolve("data/file")).doesNotExist();
    assertThat(outside.resolve("secret")).hasContent("secret");
  }

  private static void checkOutside(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("leads outside the table");
  }

  @Test
  void aFolderSwappedForALinkIsNoticed() throws IOException {
    storage.createExclusive("data/a", bytes("inside"));
    assertThat(storage.exists("data/a")).isTrue();
    Files.move(table.resolve("data"), folder.resolve("moved"));
    Files.createSymbolicLink(table.resolve("data"), folder.resolve("moved"));

    checkOutside(() -> storage.exists("data/a"));
  }

  @Test
  void linksInsideTheTableAreFollowed() throws IOException {
    storage.createExclusive("data/a", bytes("content"));
    Files.createSymbolicLink(table.resolve("data/b"), Path.of("a"));
    Files.createSymbolicLink(table.resolve("other"), table.resolve("data"));
    Files.createSymbolicLink(table.resolve("data/dangling"), Path.of("nothing"));

    assertThat(storage.read("data/b", 10)).hasValue("content".getBytes());
    assertThat(storage.read("other/a", 10)).hasValue("content".getBytes());
    assertThat(storage.exists("data/dangling")).isFalse();
    assertThat(storage.listAll(""))
        .extracting(Storage.Listed::key)
        .containsExactlyInAnyOrder("data/a", "data/b");
  }

  // What stands in the way

  @Test
  void aFileWhereAFolderIsNeededIsNamed() throws IOException {
    Files.createDirectories(table);
    Files.writeString(table.resolve("metadata"), "a file");
    assertThatThrownBy(() -> storage.createExclusive(V1, bytes("one")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(table.resolve("metadata").toString())
        .hasMessageContaining("Move it away");
    assertThatThrownBy(() -> storage.list("metadata", ""))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("is a file where the table needs a folder");

    Files.writeString(folder.resolve("file"), "a file");
    Storage noTable = LocalStore.of(folder).at("file/t");
    assertThatThrownBy(() -> noTable.createExclusive(V1, bytes("one")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(folder.resolve("file").toString());
  }

  @Test
  void aFolderOrAPipeWhereAFileIsNeededIsNamed() throws Exception {
    Files.createDirectories(table.resolve(V1));
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> storage.read(V1, 10), () -> storage.open(V1, -1), () -> storage.exists(V1))) {
      assertThatThrownBy(call)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("is a folder where the table needs a file");
    }
    assertThatThrownBy(() -> storage.delete(V1)).isInstanceOf(StorageException.class);
    assertThat(table.resolve(V1)).isDirectory();

    Process made = new ProcessBuilder("mkfifo", table.resolve("pipe").toString()).start();
    assertThat(made.waitFor()).isZero();
    assertThatThrownBy(() -> storage.open("pipe", -1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("is a device or pipe");
  }

  @Test
  void aFolderWithoutRightsIsNamedWithTheMend() throws IOException {
    storage.createExclusive(V1, bytes("one"));
    Path metadata = table.resolve("metadata");
    if (System.getProperty("user.name").equals("root")) { // who may do everything
      disk.linkFailure = new AccessDeniedException(metadata.resolve("v2").toString());
    }
    Files.setPosixFilePermissions(metadata, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assertThatThrownBy(() -> storage.createExclusive("metadata/v2", bytes("two")))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(metadata.toString())
          .hasMessageContaining("permission denied")
          .hasMessageContaining("Give this user the right");
    } finally {
      Files.setPosixFilePermissions(metadata, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void everyRefusalOfTheSystemNamesThePathAndTheMend() {
    Path path = Path.of("/lake/t/data/a");
    assertThat(messageOf(path, new FileSystemException("/x", null, "No space left on device")))
        .isEqualTo(
            "Cannot write /lake/t/data/a: No space left on device. Free some space on that disk"
                + " and try again; the table was not changed.");
    assertThat(messageOf(path, new IOException("No space left on device"))).contains("Free some");
    assertThat(messageOf(path, new AccessDeniedException("/x")))
        .isEqualTo(
            "Cannot write /lake/t/data/a: permission denied. Give this user the right to read and"
                + " write the table's folder and try again.");
    assertThat(messageOf(path, new FileSystemException("/x", null, "Read-only file system")))
        .contains("Mount it for writing");
    assertThat(messageOf(path, new FileSystemException("/x", null, "Not a directory")))
        .contains("is a file where a folder is needed");
    assertThat(messageOf(path, new FileSystemException("/x", null, "File name too long")))
        .contains("shorter");
    assertThat(messageOf(path, new FileSystemException("/x", null, "Too many open files")))
        .contains("ulimit -n");
    assertThat(messageOf(path, new IOException("Input/output error")))
        .contains("Input/output error");
  }

  private static String messageOf(Path path, IOException cause) {
    return String.valueOf(LocalErrors.storage("write", path, cause).getMessage());
  }

  @Test
  void aFileCutAfterItWasOpenedIsDamagedAndNotShort() throws IOException {
    storage.createExclusive("data/a", bytes("0123456789"));
    try (ReadableFile file = storage.open("data/a", 10)) {
      Files.writeString(table.resolve("data/a"), "01234");
      byte[] into = new byte[10];
      file.read(0, into, 0, 5);
      for (int[] range : new int[][] {{0, 10}, {4, 2}, {5, 1}, {9, 1}}) {
        assertThatThrownBy(() -> file.read(range[0], into, 0, range[1]))
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining(table.resolve("data/a").toString())
            .hasMessageContaining("ends at 5");
      }
    }
  }

  @Test
  void aNameTooLongIsAnErrorWithTheMend() {
    assertThatThrownBy(() -> storage.create("data/" + "x".repeat(300)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("shorter");
  }

  @Test
  void filesHaveTheModeThatOthersHaveToo() throws IOException {
    Path usual = Files.createFile(folder.resolve("usual"));
    storage.createExclusive(V1, bytes("one"));
    storage.replace("metadata/hint", bytes("1"));
    NewFile file = storage.create("data/a");
    file.finish();
    storage.makeDurable(List.of(file));

    for (String key : List.of(V1, "metadata/hint", "data/a")) {
      assertThat(Files.getPosixFilePermissions(table.resolve(key)))
          .as(key)
          .isEqualTo(Files.getPosixFilePermissions(usual));
    }
  }

  @Test
  void theDescriptorOfAFileIsFreedWhenItIsDurable() throws IOException {
    Path open = Path.of("/proc/self/fd");
    assumeThat(open).isDirectory();
    for (int i = 0; i < 5; i++) {
      NewFile durable = storage.create("data/" + i);
      durable.finish();
      storage.makeDurable(List.of(durable));
      storage.create("data/given-up").close();
      storage.createExclusive("metadata/" + i, bytes("x"));
      storage.open("data/" + i, 0).close();
    }
    try (var descriptors = Files.list(open)) {
      assertThat(descriptors.map(LocalStorageTest::targetOf))
          .noneMatch(target -> target.startsWith(table.toString()));
    }
  }

  private static String targetOf(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes());
  }

  private static List<String> filesBelow(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      return all.filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS))
          .map(each -> folder.relativize(each).toString())
          .toList();
    }
  }

  /** Writes down what is done to the disk, and lets some of it fail. */
  private static final class WatchedDisk implements Disk {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    final Path base;
    volatile @Nullable String failAt;
    volatile IOException failure = new IOException("Input/output error");
    volatile @Nullable Exception linkFailure;
    volatile boolean linkAnyway;

    WatchedDisk(Path base) {
      this.base = base;
    }

    @Override
    public void syncFile(Path file, FileDescriptor open) throws IOException {
      seen("sync file " + name(file) + " of " + Files.size(file) + " bytes");
      Disk.real().syncFile(file, open);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
      seen("sync folder " + name(folder));
      Disk.real().syncFolder(folder);
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
      Exception failing = linkFailure;
      if (failing == null || linkAnyway) {
        Disk.real().link(existing, name);
      }
      if (failing instanceof IOException io) {
        throw io;
      }
      if (failing instanceof RuntimeException other) {
        throw other;
      }
      seen("link " + name(existing) + " as " + name(name));
    }

    private void seen(String event) throws IOException {
      events.add(event);
      String failing = failAt;
      if (failing != null && event.startsWith(failing)) {
        throw failure;
      }
    }

    private String name(Path path) {
      String name = base.relativize(path).toString();
      return name.isEmpty() ? "." : name.replaceAll("\\.tmp-[0-9a-f]{32}$", ".tmp-*");
    }
  }
}
