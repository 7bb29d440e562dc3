package io.datashard.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small file is replaced by what it replaced before, and readers see it old or new. */
class SpareFileTest {
  private static final String KEY = "metadata/version-hint.text";

  @TempDir Path folder;
  private Path file;
  private Path spare;
  private Storage storage;

  @BeforeEach
  void open() {
    file = folder.resolve("t").resolve(KEY);
    spare = SpareFile.of(file);
    storage = LocalStore.of(folder).at("t");
  }

  private void replace(String content) {
    storage.replace(KEY, ByteBuffer.wrap(content.getBytes(US_ASCII)));
  }

  private String content() throws IOException {
    return Files.readString(file, US_ASCII);
  }

  private static Object idOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  private List<String> names() throws IOException {
    try (var paths = Files.list(file.getParent())) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void twoFilesTakeTurns() throws IOException {
    Set<Object> ids = new HashSet<>();
    for (int number = 1_000; number < 1_100; number++) {
      replace(Integer.toString(number));
      assertThat(content()).isEqualTo(Integer.toString(number));
      ids.add(idOf(file));
    }
    assertThat(ids).hasSize(2);
    assertThat(names()).containsExactly(spare.getFileName().toString(), "version-hint.text");
    assertThat(storage.names("metadata", "")).containsExactly("version-hint.text");
    assertThat(storage.listAll("")).extracting(Storage.Listed::key).containsExactly(KEY);
  }

  @Test
  void aLongerContentComesInANewFile() throws IOException {
    for (int number = 1; number < 1_200; number++) {
      replace(Integer.toString(number));
      assertThat(content()).isEqualTo(Integer.toString(number));
    }
    replace("7");
    assertThat(content()).isEqualTo("7");
  }

  @Test
  void whatHasAnotherNameIsNotWritten() throws IOException {
    replace("1001");
    Path copy = folder.resolve("copy");
    Files.createLink(copy, file); // somebody's backup
    replace("1002");
    replace("1003");
    replace("1004");
    assertThat(Files.readString(copy)).isEqualTo("1001");
    assertThat(content()).isEqualTo("1004");
  }

  @Test
  void aDeathBeforeTheSwapLeavesAFileThatIsWhole() throws IOException {
    replace("1001");
    Files.createLink(spare, file); // kept, and then its writer died
    replace("1002");
    assertThat(content()).isEqualTo("1002");
    replace("1003");
    assertThat(content()).isEqualTo("1003");
  }

  @Test
  void aSpareThatIsNoFileIsNotFollowed() throws IOException {
    replace("1001");
    Path target = Files.writeString(folder.resolve("target"), "mine");
    Files.deleteIfExists(spare);
    Files.createSymbolicLink(spare, target);
    replace("1002");
    assertThat(content()).isEqualTo("1002");
    assertThat(Files.readString(target)).isEqualTo("mine");
  }

  @Test
  void manyWritersAndAReaderSeeWholeNumbers() throws Exception {
    replace("100000");
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(5);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        int first = 100_000 + writer * 1_000;
        writers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    replace(Integer.toString(first + i));
                  }
                }));
      }
      Future<Integer> reader =
          threads.submit(
              () -> {
                int reads = 0;
                do {
                  assertThat(Integer.parseInt(content())).isBetween(100_000, 104_000);
                  reads++;
                } while (!done.get());
                return reads;
              });
      for (Future<?> writer : writers) {
        writer.get();
      }
      done.set(true);
      assertThat(reader.get()).isPositive();
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    assertThat(names()).as("no temporary file is left").hasSizeLessThanOrEqualTo(2);
  }
}
