package io.datashard.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users call a table, and where that is. */
class LocalStoreTest {
  @TempDir private Path given;
  private Path folder;
  private LocalStore store;

  @BeforeEach
  void open() throws Exception {
    folder = given.toRealPath();
    store = LocalStore.of(folder);
  }

  private String locationOf(String location) {
    return store.at(location).location();
  }

  @Test
  void oneTableHasOneLocationInAllSpellings() {
    String expected = "file://" + folder + "/lake/t";
    List<String> spellings =
        List.of(
            "lake/t",
            "lake/t/",
            "./lake//t/.",
            "other/../lake/t",
            folder + "/lake/t",
            folder + "/lake/t///",
            "file:" + folder + "/lake/t",
            "file://" + folder + "/lake/t",
            "file://" + folder + "/lake/t/",
            "FILE://localhost" + folder + "/lake/%74",
            "File:///" + folder + "/lake/x/../t");
    for (String spelling : spellings) {
      assertThat(locationOf(spelling)).as(spelling).isEqualTo(expected);
    }
    assertThat(store.at(folder.resolve("lake/t")).location()).isEqualTo(expected);
    assertThat(store.at(Path.of("lake/t")).location()).isEqualTo(expected);
    assertThat(LocalStore.inWorkingDirectory().at("t").location())
        .isEqualTo("file://" + Path.of("").toAbsolutePath() + "/t");
  }

  @Test
  void aPathIsTakenLetterByLetterAndItsLocationOpensTheSameTable() {
    for (String name : List.of("a b", "a%20b", "100%", "%41", "a#b?c=d", "run:7", "a+b&c", "%zz")) {
      for (boolean exists : new boolean[] {false, true}) {
        Storage byPath = store.at("exists=" + exists + "/" + name);
        assertThat(byPath.location())
            .isEqualTo("file://" + folder + "/exists=" + exists + "/" + name);
        if (exists) {
          byPath.createExclusive("metadata/v1.metadata.json", ByteBuffer.allocate(1));
          assertThat(locationOf(byPath.location())).isEqualTo(byPath.location());
        }
      }
    }
  }

  @Test
  void anEscapedUriIsDecoded() {
    URI uri = folder.resolve("a b#c%20d").toUri();
    assertThat(uri.toString()).contains("a%20b%23c%2520d");
    assertThat(locationOf(uri.toString())).isEqualTo("file://" + folder + "/a b#c%20d");
    assertThat(locationOf("file://" + folder + "/a b")).isEqualTo("file://" + folder + "/a b");
    assertThat(locationOf("file://" + folder + "/100%")).isEqualTo("file://" + folder + "/100%");
    assertThat(locationOf("file://" + folder + "/%ff")).isEqualTo("file://" + folder + "/%ff");
  }

  @Test
  void lettersBeyondAsciiAreKept() {
    assumeThat(System.getProperty("sun.jnu.encoding")).isEqualToIgnoringCase("UTF-8");
    String name = "naïve/表/😀";
    assertThat(locationOf(name)).isEqualTo("file://" + folder + "/" + name);
    assertThat(locationOf(folder.resolve(name).toUri().toString()))
        .isEqualTo("file://" + folder + "/" + name);
    assertThat(locationOf("file://" + folder + "/na%C3%AFve/表/%F0%9F%98%80"))
        .isEqualTo("file://" + folder + "/" + name);
    Storage storage = store.at(name);
    storage.createExclusive("data/größe=ß/😀", ByteBuffer.allocate(1));
    assertThat(storage.listAll(""))
        .extracting(Storage.Listed::key)
        .containsExactly("data/größe=ß/😀");
  }

  @Test
  void anotherSchemeIsRefusedAndTheWayOutIsNamed() {
    assertThatThrownBy(() -> store.at("s3://bucket/t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'s3://bucket/t' is not in the local file system: this store takes paths and file:"
                + " URIs. Use the store for s3, or write './s3://bucket/t' if a local folder has"
                + " this name.");
    for (String other : List.of("hdfs:/t", "S3A://bucket/t", "https://host/t", "memory:///t")) {
      assertThatThrownBy(() -> store.at(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(other);
    }
    assertThat(locationOf("./s3://bucket/t")).isEqualTo("file://" + folder + "/s3:/bucket/t");
  }

  @Test
  void whatIsNoLocationIsRefused() {
    for (String bad :
        List.of(
            "", "  ", "file:", "file:relative/t", "file://host/t", "file://t", "/", "file:///")) {
      assertThatThrownBy(() -> store.at(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> store.at("a\0b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be a path");
    assertThatThrownBy(() -> store.at("file://" + folder + "/a%00b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be a path");
  }

  @Test
  void twoNamesOfOneFolderAreOneTable() throws Exception {
    Files.createDirectories(folder.resolve("lake/t"));
    Files.createSymbolicLink(folder.resolve("alias"), folder.resolve("lake"));
    Files.createSymbolicLink(folder.resolve("table"), folder.resolve("lake/t"));
    String expected = "file://" + folder + "/lake/t";

    assertThat(locationOf("alias/t")).isEqualTo(expected);
    assertThat(locationOf("table")).isEqualTo(expected);
    assertThat(locationOf("alias/../lake/t")).isEqualTo(expected);
    assertThat(locationOf("alias/not/there")).isEqualTo("file://" + folder + "/lake/not/there");
    store.at("table").createExclusive("metadata/v1.metadata.json", ByteBuffer.allocate(1));
    assertThat(store.at("lake/t").exists("metadata/v1.metadata.json")).isTrue();
  }

  @Test
  void nothingIsCreatedByOpening() throws Exception {
    Storage storage = store.at("lake/t");
    assertThat(storage.listAll("")).isEmpty();
    assertThat(storage.exists("metadata/v1.metadata.json")).isFalse();
    assertThat(storage.identity("")).isEmpty();
    storage.delete("metadata/v1.metadata.json");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
