package io.datashard.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.error.StorageException;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.ReplaceableFile;
import io.datashard.storage.Storage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Storage} must promise. A store's test extends this and adds a factory.
 *
 * <p>Everything goes through the interface; what only one store has, its own test adds.
 */
@Timeout(120)
public abstract class StorageContract {
  private static final int THREADS = 8;

  @TempDir private Path elsewhere;

  private Storage storage;

  /** For a subclass to call. */
  protected StorageContract() {}

  /** A storage without any file, another one for each call. */
  protected abstract Storage emptyStorage() throws Exception;

  /** The same table as another process would open it; the same object where that means nothing. */
  protected Storage openedAgain(Storage opened) {
    return opened;
  }

  @BeforeEach
  void open() throws Exception {
    storage = emptyStorage();
  }

  // Creating exclusively (I1, I2)

  @Test
  void theFirstExclusiveCreateWinsAndTheSecondChangesNothing() {
    assertThat(createExclusive("metadata/v1", "first")).isEqualTo(PutOutcome.CREATED);
    assertThat(createExclusive("metadata/v1", "second")).isEqualTo(PutOutcome.EXISTED);

    assertThat(textOf("metadata/v1")).isEqualTo("first");
    assertThat(keys()).containsExactly("metadata/v1");
  }

  @Test
  void ofManyExclusiveCreatesExactlyOneWins() throws Exception {
    Storage other = openedAgain(storage);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    int rounds = 40;
    List<List<PutOutcome>> outcomes =
        inThreads(
            thread -> {
              List<PutOutcome> mine = new ArrayList<>();
              for (int round = 0; round < rounds; round++) {
                start.await();
                Storage through = thread % 2 == 0 ? storage : other;
                mine.add(
                    through.createExclusive("race/" + round, bytes("content of thread " + thread)));
              }
              return mine;
            });

    for (int round = 0; round < rounds; round++) {
      List<Integer> winners = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        if (outcomes.get(thread).get(round) == PutOutcome.CREATED) {
          winners.add(thread);
        }
      }
      assertThat(winners).as("winners of round " + round).hasSize(1);
      assertThat(textOf("race/" + round)).isEqualTo("content of thread " + winners.get(0));
    }
    assertThat(keys()).as("nothing is left of the losers").hasSize(rounds);
  }

  @Test
  void aFileCreatedExclusivelyIsSeenWholeOrNotAtAll() throws Exception {
    byte[] content = random(1, 3_000_000);
    Storage other = openedAgain(storage);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(
            threads.submit(
                () -> {
                  int seen = 0;
                  for (int round = 0; round < 10; ) {
                    byte[] read = other.read("whole/" + round, content.length).orElse(null);
                    if (read != null) {
                      assertThat(Arrays.equals(read, content)).as("round " + round).isTrue();
                      seen++;
                      round++;
                    } else if (done.get()) {
                      assertThat(other.exists("whole/" + round)).as("round " + round).isTrue();
                    }
                  }
                  return seen;
                }));
      }
      for (int round = 0; round < 10; round++) {
        storage.createExclusive("whole/" + round, ByteBuffer.wrap(content));
      }
      done.set(true);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isEqualTo(10);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anExclusiveCreateTakesAnyBufferAndLeavesItAsItWas() {
    ByteBuffer direct = ByteBuffer.allocateDirect(100_000);
    byte[] content = random(2, 100_000);
    direct.put(content).flip().position(10).limit(99_990);
    ByteBuffer slice = ByteBuffer.wrap(content, 5, 70_000).slice().position(7);
    List<ByteBuffer> all =
        List.of(direct, direct.asReadOnlyBuffer(), slice, ByteBuffer.allocate(0));

    for (int i = 0; i < all.size(); i++) {
      ByteBuffer given = all.get(i);
      ByteBuffer before = given.duplicate();
      assertThat(storage.createExclusive("buffers/" + i, given)).isEqualTo(PutOutcome.CREATED);
      assertThat(given).isEqualTo(before);
      assertThat(given.position()).isEqualTo(before.position());
      assertThat(ByteBuffer.wrap(storage.read("buffers/" + i, 1 << 20).orElseThrow()))
          .isEqualTo(before);
    }
  }

  @Test
  void anExclusiveCreateRefusesWhatIsTooLarge() throws IOException {
    Path sparse = elsewhere.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength((256L << 20) + 1);
      ByteBuffer tooLarge =
          file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, (256L << 20) + 1);
      assertThatThrownBy(() -> storage.createExclusive("large", tooLarge))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("268435457");
    }
    assertThat(keys()).isEmpty();
  }

  @Test
  void anInterruptDoesNotHarmAnExclusiveCreate() {
    Thread.currentThread().interrupt();
    try {
      assertThat(createExclusive("metadata/v1", "content")).isEqualTo(PutOutcome.CREATED);
      assertThat(createExclusive("metadata/v1", "content")).isEqualTo(PutOutcome.EXISTED);
    } finally {
      assertThat(Thread.interrupted()).as("the mark is kept").isTrue();
    }
    assertThat(textOf("metadata/v1")).isEqualTo("content");
  }

  // Writing new files

  @Test
  void aFileWrittenInPiecesHasThemAll() {
    Random random = new Random(3);
    byte[] content = random(4, 1_000_000);
    try (NewFile file = storage.create("data/day=1/a.parquet")) {
      assertThat(file.key()).isEqualTo("data/day=1/a.parquet");
      int position = 0;
      while (position < content.length) {
        int most = random.nextBoolean() ? 300 : 300_000;
        int length = Math.min(random.nextInt(most), content.length - position);
        file.write(content, position, length);
        position += length;
        assertThat(file.position()).isEqualTo(position);
      }
      file.finish();
      storage.makeDurable(List.of(file));
    }
    assertThat(storage.read("data/day=1/a.parquet", 1_000_000)).hasValue(content);
    assertThat(storage.readWhole("data/day=1/a.parquet", 1_000_000)).isEqualTo(content);
  }

  @Test
  void manyFilesAreMadeDurableAtOnce() {
    List<NewFile> files = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      NewFile file = storage.create("data/part=" + i % 7 + "/" + i);
      file.write(new byte[] {(byte) i}, 0, 1);
      file.finish();
      files.add(file);
    }
    storage.makeDurable(files);
    files.forEach(NewFile::close);

    assertThat(keys()).hasSize(30);
    assertThat(storage.read("data/part=2/9", 1)).hasValue(new byte[] {9});
    storage.makeDurable(List.of());
  }

  @Test
  void filesAndTheNameThatStandsForThemAreMadeTogether() {
    for (PutOutcome expected : List.of(PutOutcome.CREATED, PutOutcome.EXISTED)) {
      NewFile file = storage.create("data/" + expected);
      file.write(bytesOf("content"), 0, 7);
      file.finish();

      assertThat(storage.createExclusive("metadata/v1", bytes("first"), List.of(file)))
          .isEqualTo(expected);
      assertThat(textOf("data/" + expected)).isEqualTo("content");
      assertThatThrownBy(() -> storage.makeDurable(List.of(file)))
          .as("it is durable and closed")
          .isInstanceOf(IllegalStateException.class);
    }
    NewFile open = storage.create("data/open");
    assertThatThrownBy(() -> storage.createExclusive("metadata/v2", bytes("x"), List.of(open)))
        .isInstanceOf(IllegalStateException.class);
    open.close();
    assertThat(storage.exists("metadata/v2")).isFalse();
  }

  @Test
  void aFileClosedBeforeItsEndIsRemoved() {
    NewFile file = storage.create("data/given-up");
    file.write(new byte[100], 0, 100);
    file.close();
    file.close();

    assertThat(keys()).isEmpty();
    write("data/given-up", "the name is free again");
  }

  @Test
  void aFinishedFileStaysWhenItIsClosed() {
    NewFile file = storage.create("data/a");
    file.write(bytesOf("content"), 0, 7);
    file.finish();
    file.close();

    assertThat(textOf("data/a")).isEqualTo("content");
  }

  @Test
  void aTakenNameIsNotWrittenOver() {
    write("data/a", "old");
    createExclusive("metadata/v1", "old");

    for (String taken : List.of("data/a", "metadata/v1")) {
      assertThatThrownBy(() -> write(taken, "new"))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(taken);
      assertThat(textOf(taken)).isEqualTo("old");
    }
  }

  @Test
  void theStepsOfAFileCannotBeMixedUp() {
    NewFile file = storage.create("data/a");
    assertThatThrownBy(() -> storage.makeDurable(List.of(file)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("data/a");
    file.write(bytesOf("x"), 0, 1);
    assertThatThrownBy(() -> file.write(new byte[3], 2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    file.finish();
    assertThatThrownBy(() -> file.write(bytesOf("x"), 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(file::finish).isInstanceOf(IllegalStateException.class);
    storage.makeDurable(List.of(file));
    assertThatThrownBy(() -> storage.makeDurable(List.of(file)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(textOf("data/a")).isEqualTo("x");
  }

  @Test
  void anInterruptDoesNotHarmAWrite() {
    byte[] content = random(5, 400_000);
    Thread.currentThread().interrupt();
    try (NewFile file = storage.create("data/a")) {
      file.write(content, 0, 10);
      file.write(content, 10, 399_990);
      file.finish();
      storage.makeDurable(List.of(file));
      storage.makeDurable("data/a");
    } finally {
      assertThat(Thread.interrupted()).as("the mark is kept").isTrue();
    }
    assertThat(storage.read("data/a", 400_000)).hasValue(content);
  }

  @Test
  void aFileOfAnotherProcessIsMadeDurable() {
    createExclusive("metadata/v1", "content");
    openedAgain(storage).makeDurable("metadata/v1");

    assertThat(textOf("metadata/v1")).isEqualTo("content");
    assertThatThrownBy(() -> storage.makeDurable("metadata/v2"))
        .isInstanceOf(FileMissingException.class)
        .hasMessageContaining("metadata/v2");
  }

  // Importing and replacing

  @Test
  void anImportedFileHasTheContentAndTheSourceStays() throws IOException {
    Path source = Files.write(elsewhere.resolve("source.parquet"), random(6, 200_000));
    storage.importFile(source, "data/imported/a.parquet");

    assertThat(storage.read("data/imported/a.parquet", 200_000)).hasValue(random(6, 200_000));
    assertThat(source).hasBinaryContent(random(6, 200_000));
    assertThat(keys()).containsExactly("data/imported/a.parquet");
  }

  @Test
  void theImportOfALinkTakesTheFileBehindIt() throws IOException {
    Path source = Files.writeString(elsewhere.resolve("source"), "content");
    Path link = Files.createSymbolicLink(elsewhere.resolve("link"), source);
    storage.importFile(link, "data/a");
    Files.delete(link);
    Files.delete(source);

    assertThat(textOf("data/a")).isEqualTo("content");
  }

  @Test
  void anImportRefusesATakenNameAndWhatIsNoFile() throws IOException {
    Path source = Files.writeString(elsewhere.resolve("source"), "new");
    write("data/a", "old");

    assertThatThrownBy(() -> storage.importFile(source, "data/a"))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("data/a");
    assertThat(textOf("data/a")).isEqualTo("old");
    assertThatThrownBy(() -> storage.importFile(elsewhere.resolve("missing"), "data/b"))
        .isInstanceOf(FileMissingException.class)
        .hasMessageContaining("missing");
    assertThatThrownBy(() -> storage.importFile(elsewhere, "data/b"))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("not a file");
    assertThat(keys()).containsExactly("data/a");
  }

  @Test
  void aReplacedFileIsSeenOldOrNew() throws Exception {
    storage.replace("metadata/hint", bytes("a".repeat(100_000)));
    Storage other = openedAgain(storage);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> reader =
          thread.submit(
              () -> {
                int reads = 0;
                do {
                  byte[] seen = other.read("metadata/hint", 200_000).orElseThrow();
                  char letter = (char) seen[0];
                  assertThat(letter).isBetween('a', 'z');
                  assertThat(new String(seen, UTF_8))
                      .isEqualTo(String.valueOf(letter).repeat(100_000 + letter - 'a'));
                  reads++;
                } while (!done.get());
                return reads;
              });
      for (char letter = 'b'; letter <= 'z'; letter++) {
        String content = String.valueOf(letter).repeat(100_000 + letter - 'a');
        storage.replace("metadata/hint", bytes(content));
      }
      done.set(true);
      assertThat(reader.get()).isPositive();
    } finally {
      done.set(true);
      thread.shutdownNow();
    }
    assertThat(textOf("metadata/hint")).startsWith("zz").hasSize(100_025);
    assertThat(keys()).containsExactly("metadata/hint");
  }

  /** Whether whoever replaces a file is told that somebody else did meanwhile. */
  protected boolean tellsOfReplacements() {
    return false;
  }

  @Test
  void whoReplacesAFileIsToldOfOthers() {
    boolean tells = tellsOfReplacements();
    ReplaceableFile mine = storage.replaceable("metadata/hint");
    ReplaceableFile theirs = openedAgain(storage).replaceable("metadata/hint");
    assertThat(mine.read()).isEmpty();
    assertThat(mine.replace(bytes("1"))).isTrue();
    assertThat(mine.replace(bytes("2"))).isTrue();
    assertThat(theirs.replace(bytes("3"))).as("without a look").isEqualTo(!tells);
    assertThat(theirs.read()).hasValueSatisfying(seen -> assertThat(seen).hasSize(1));
    assertThat(theirs.replace(bytes("4"))).isTrue();
    assertThat(textOf("metadata/hint")).isEqualTo("4");

    assertThat(mine.replace(bytes("5"))).as("others came between").isEqualTo(!tells);
    assertThat(textOf("metadata/hint")).isEqualTo(tells ? "4" : "5");
    mine.read();
    assertThat(mine.replace(bytes("6"))).isTrue();
    assertThat(textOf("metadata/hint")).isEqualTo("6");

    storage.delete("metadata/hint");
    assertThat(mine.replace(bytes("7"))).as("it is gone").isEqualTo(!tells);
    mine.read();
    assertThat(mine.replace(bytes("8"))).isTrue();
    assertThat(textOf("metadata/hint")).isEqualTo("8");
  }

  // Reading

  @Test
  void anyRangeOfAFileIsRead() {
    byte[] content = random(7, 700_000);
    storage.createExclusive("data/a", ByteBuffer.wrap(content));
    Random random = new Random(8);
    try (ReadableFile file = storage.open("data/a", 700_000)) {
      assertThat(file.length()).isEqualTo(700_000);
      assertThat(file.key()).isEqualTo("data/a");
      for (int i = 0; i < 200; i++) {
        int position = random.nextInt(700_001);
        int length =
            random.nextInt(i % 10 == 0 ? 700_001 - position : Math.min(9, 700_001 - position));
        checkRange(file, content, position, length);
      }
      checkRange(file, content, 0, 700_000);
      checkRange(file, content, 700_000, 0);
    }
  }

  private static void checkRange(ReadableFile file, byte[] content, int position, int length) {
    byte[] into = new byte[length + 5];
    file.read(position, into, 3, length);
    assertThat(Arrays.equals(into, 3, 3 + length, content, position, position + length))
        .as("bytes " + position + " + " + length)
        .isTrue();
    assertThat(new byte[] {into[0], into[1], into[2], into[length + 3], into[length + 4]})
        .containsOnly(0);
  }

  @Test
  void aReadBeyondTheEndNamesTheFile() {
    createExclusive("data/a", "0123456789");
    try (ReadableFile file = storage.open("data/a", -1)) {
      assertThat(file.length()).isEqualTo(10);
      for (long[] range : new long[][] {{0, 11}, {10, 1}, {11, 0}, {-1, 2}, {Long.MAX_VALUE, 1}}) {
        assertThatThrownBy(() -> file.read(range[0], new byte[20], 0, (int) range[1]))
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining("data/a");
      }
    }
  }

  @Test
  void aFileOfAnotherLengthIsDamaged() {
    createExclusive("data/a", "0123456789");
    for (int length : new int[] {0, 9, 11}) {
      assertThatThrownBy(() -> storage.open("data/a", length))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("data/a")
          .hasMessageContaining("10")
          .hasMessageContaining(String.valueOf(length));
    }
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(storage.read("data/a", 10)).isEmpty();
    assertThat(storage.exists("data/a")).isFalse();
    assertThatThrownBy(() -> storage.open("data/a", -1))
        .isInstanceOf(FileMissingException.class)
        .hasMessageContaining("data/a");
    assertThatThrownBy(() -> storage.readWhole("data/a", 4))
        .isInstanceOf(FileMissingException.class)
        .hasMessageContaining("data/a");
  }

  @Test
  void severalFilesAreReadInTheirOrder() {
    write("metadata/a", "first");
    write("metadata/c", "third");
    List<String> keys = List.of("metadata/c", "metadata/b", "metadata/a", "metadata/c");
    assertThat(storage.readEach(keys, 10))
        .map(found -> found.get().map(bytes -> new String(bytes, UTF_8)).orElse("none"))
        .containsExactly("third", "none", "first", "third");
    write("metadata/b", "later");
    assertThat(storage.readEach(keys, 10).get(1).get()).as("what was not there before").isPresent();
    assertThat(storage.readEach(List.of(), 10)).isEmpty();
    write("metadata/d", "four");
    List<Supplier<Optional<byte[]>>> some =
        storage.readEach(List.of("metadata/c", "metadata/d"), 4);
    assertThatThrownBy(() -> some.get(0).get())
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("metadata/c");
    assertThat(some.get(1).get()).as("one failure is not the others'").isPresent();
  }

  @Test
  void aFileTooLargeToReadWholeIsRefused() {
    createExclusive("a", "0123456789");
    assertThat(storage.read("a", 10)).hasValue(bytesOf("0123456789"));
    assertThatThrownBy(() -> storage.read("a", 9))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("10")
        .hasMessageContaining("9");
  }

  @Test
  void interruptsDoNotDisturbThoseWhoReadTheSameFile() throws Exception {
    byte[] content = random(9, 2_000_000);
    storage.createExclusive("data/a", ByteBuffer.wrap(content));
    int times = storage.isRemote() ? 40 : 200;
    try (ReadableFile file = storage.open("data/a", content.length)) {
      List<Integer> reads =
          inThreads(
              thread -> {
                Random random = new Random(thread);
                for (int i = 0; i < times; i++) {
                  boolean interrupted = thread % 2 == 0 && random.nextInt(3) == 0;
                  if (interrupted) {
                    Thread.currentThread().interrupt();
                  }
                  int position = random.nextInt(content.length - 100_000);
                  checkRange(file, content, position, random.nextInt(100_000));
                  assertThat(Thread.interrupted()).as("the mark").isEqualTo(interrupted);
                }
                return times;
              });
      assertThat(reads).containsOnly(times);
    }
  }

  @Test
  void interruptsFromOutsideDoNotDisturbReaders() throws Exception {
    byte[] content = random(10, 2_000_000);
    storage.createExclusive("data/a", ByteBuffer.wrap(content));
    try (ReadableFile file = storage.open("data/a", content.length)) {
      AtomicBoolean done = new AtomicBoolean();
      Thread reader = Thread.currentThread();
      Thread pest =
          new Thread(
              () -> {
                while (!done.get()) {
                  reader.interrupt();
                  Thread.onSpinWait();
                }
              });
      pest.start();
      try {
        int times = storage.isRemote() ? 30 : 300;
        for (int i = 0; i < times; i++) {
          checkRange(file, content, i * 1000, 1_000_000);
        }
      } finally {
        done.set(true);
        while (pest.isAlive()) {
          Thread.interrupted();
          Thread.onSpinWait();
        }
        Thread.interrupted();
      }
    }
  }

  // Listing

  @Test
  void aListingNamesTheFilesOfOneFolder() {
    createExclusive("metadata/v1.metadata.json", "1");
    createExclusive("metadata/v10.metadata.json", "12");
    createExclusive("metadata/lists/v5", "in a folder below");
    createExclusive("metadata-of-others/v7", "another folder");
    createExclusive("v9", "above");
    storage.replace("metadata/hint", bytes("hint"));

    assertThat(storage.list("metadata", "v"))
        .extracting(Storage.Listed::key, Storage.Listed::length)
        .containsExactlyInAnyOrder(
            tuple("metadata/v1.metadata.json", 1L), tuple("metadata/v10.metadata.json", 2L));
    assertThat(storage.list("metadata", "")).hasSize(3);
    assertThat(storage.names("metadata", ""))
        .contains("v1.metadata.json", "v10.metadata.json", "hint")
        .isSubsetOf("v1.metadata.json", "v10.metadata.json", "hint", "lists");
    assertThat(storage.list("", "v")).extracting(Storage.Listed::key).containsExactly("v9");
    assertThat(storage.list("nothing", "")).isEmpty();
    assertThat(storage.names("nothing", "")).isEmpty();
    assertThat(storage.listAll("metadata"))
        .extracting(Storage.Listed::key)
        .containsExactlyInAnyOrder(
            "metadata/v1.metadata.json",
            "metadata/v10.metadata.json",
            "metadata/lists/v5",
            "metadata/hint");
    assertThat(storage.listAll("")).hasSize(6);
    assertThat(storage.listAll("nothing/at/all")).isEmpty();
  }

  @Test
  void aListingTellsWhenAFileWasWritten() {
    createExclusive("a", "1");
    createExclusive("b", "2");
    Storage.Listed first = storage.list("", "a").get(0);
    Storage.Listed second = storage.list("", "b").get(0);

    assertThat(first.modifiedMillis()).isPositive().isLessThanOrEqualTo(second.modifiedMillis());
    assertThat(storage.list("", "a")).as("files do not age").containsExactly(first);
    assertThat(storage.find("a")).contains(first);
    assertThat(storage.find("b")).contains(second);
    assertThat(storage.find("c")).isEmpty();
    assertThat(storage.find("nothing/at/all")).isEmpty();
  }

  // Deleting, identity

  @Test
  void aDeletedFileIsGone() {
    write("data/a", "content");
    storage.delete("data/a");
    storage.delete("data/a");
    storage.delete("nothing/at/all");

    assertThat(storage.exists("data/a")).isFalse();
    assertThat(keys()).isEmpty();
  }

  @Test
  void identityTellsAFileFromItsSuccessor() {
    assertThat(storage.identity("metadata")).isEmpty();
    assertThat(storage.identity("metadata/v1")).isEmpty();
    createExclusive("metadata/v1", "one");
    String folder = storage.identity("metadata");
    String file = storage.identity("metadata/v1");
    createExclusive("metadata/v2", "two");

    assertThat(storage.identity("metadata")).isEqualTo(folder);
    assertThat(storage.identity("metadata/v1")).isEqualTo(file);
    assertThat(openedAgain(storage).identity("metadata/v1")).isEqualTo(file);
    if (!file.isEmpty()) {
      assertThat(storage.identity("metadata/v2")).isNotEqualTo(file);
      storage.delete("metadata/v1");
      assertThat(storage.identity("metadata/v1")).isEmpty();
      createExclusive("metadata/v1", "another");
      assertThat(storage.identity("metadata/v1")).isNotEmpty().isNotEqualTo(file);
    }
  }

  // Keys (I8)

  @Test
  void onlyKeysBelowTheTableAreTaken() {
    List<String> bad =
        List.of("/a", "a/", "a//b", ".", "..", "../a", "a/../../b", "a/./b", "a/..", "a\0b", "");
    for (String key : bad) {
      List<ThrowingCallable> calls =
          List.of(
              () -> createExclusive(key, "x"),
              () -> storage.create(key),
              () -> storage.replace(key, bytes("x")),
              () -> storage.importFile(elsewhere.resolve("missing"), key),
              () -> storage.makeDurable(key),
              () -> storage.open(key, -1),
              () -> storage.read(key, 10),
              () -> storage.exists(key),
              () -> storage.find(key),
              () -> storage.delete(key));
      for (int i = 0; i < calls.size(); i++) {
        assertThatThrownBy(calls.get(i))
            .as("call " + i + " with '" + key + "'")
            .isInstanceOf(StorageException.class);
      }
      if (!key.isEmpty()) {
        assertThatThrownBy(() -> storage.list(key, "")).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> storage.listAll(key)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> storage.identity(key)).isInstanceOf(StorageException.class);
      }
    }
    assertThat(keys()).isEmpty();
  }

  @Test
  void aKeyIsPlainText() {
    List<String> keys =
        List.of(
            "data/a b",
            "data/100%",
            "data/a%20b",
            "data/#1?x=y&z",
            "data/day=2024-05-01/it's",
            "data/~$*[]{}",
            "data/..hidden");
    for (String key : keys) {
      createExclusive(key, key);
    }
    assertThat(keys()).containsExactlyInAnyOrderElementsOf(keys);
    for (String key : keys) {
      assertThat(textOf(key)).isEqualTo(key);
    }
  }

  @Test
  void locationIsAUriWithoutASlashAtTheEnd() {
    assertThat(storage.location()).matches("[a-z0-9]+://.*[^/]");
    assertThat(openedAgain(storage).location()).isEqualTo(storage.location());
  }

  // Tools

  private interface InThread<T> {
    T run(int thread) throws Exception;
  }

  private static <T> List<T> inThreads(InThread<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<T>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        all.add(() -> work.run(thread));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(all)) {
        results.add(each.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private PutOutcome createExclusive(String key, String content) {
    return storage.createExclusive(key, bytes(content));
  }

  private void write(String key, String content) {
    try (NewFile file = storage.create(key)) {
      byte[] bytes = bytesOf(content);
      file.write(bytes, 0, bytes.length);
      file.finish();
      storage.makeDurable(List.of(file));
    }
  }

  private String textOf(String key) {
    return new String(storage.read(key, 1 << 20).orElseThrow(), UTF_8);
  }

  private List<String> keys() {
    return storage.listAll("").stream().map(Storage.Listed::key).toList();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(bytesOf(text));
  }

  private static byte[] bytesOf(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
