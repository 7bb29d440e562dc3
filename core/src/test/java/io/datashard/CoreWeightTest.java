package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What core brings along at run time: at most 20 MB of jars, no Hadoop, no cloud SDK. */
class CoreWeightTest {

  private static final long BYTES_MAX = 20_000_000;
  private static final Pattern UNWANTED =
      Pattern.compile("hadoop|awssdk|aws-|google-cloud|azure|arrow|commons-compress");

  @Test
  void coreStaysLight() throws IOException {
    // Written by the build: the jars of the scopes compile and runtime.
    Path list = Path.of(System.getProperty("basedir", "")).resolve("target/runtime-classpath.txt");
    Map<String, Long> jars = new TreeMap<>();
    for (String jar : Files.readString(list).strip().split(File.pathSeparator)) {
      jars.put(Path.of(jar).getFileName().toString(), Files.size(Path.of(jar)));
    }

    System.out.printf(Locale.ROOT, "core: %.1f MB in %d jars%n", bytes(jars) / 1e6, jars.size());
    check(jars, BYTES_MAX);
  }

  @Test
  void aHeavyOrUnwantedJarIsNamed() {
    Map<String, Long> jars = Map.of("avro-1.12.1.jar", 700_000L);
    assertThatThrownBy(() -> check(jars, 699_999))
        .hasMessageContaining("core weighs 700000 bytes, at most 699999: {avro-1.12.1.jar=700000}");
    assertThatThrownBy(() -> check(Map.of("hadoop-common-3.4.2.jar", 1L), BYTES_MAX))
        .hasMessageContaining("hadoop-common-3.4.2.jar");
  }

  /** Avro brings commons-compress for codecs that no manifest uses; the rest must do without. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "deflate", "zstandard", "snappy"})
  void avroRunsWithoutCommonsCompress(String codec) throws IOException {
    Schema schema = Schema.create(Schema.Type.STRING);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (DataFileWriter<CharSequence> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setCodec(CodecFactory.fromString(codec)).create(schema, file).append("row");
    }
    try (DataFileReader<CharSequence> reader =
        new DataFileReader<>(
            new SeekableByteArrayInput(file.toByteArray()), new GenericDatumReader<>())) {
      assertThat(reader.next()).hasToString("row");
      assertThat(reader.hasNext()).isFalse();
    }
  }

  private static void check(Map<String, Long> jars, long bytesMax) {
    assertThat(jars.keySet()).noneMatch(jar -> UNWANTED.matcher(jar).find());
    assertThat(bytes(jars))
        .withFailMessage("core weighs %d bytes, at most %d: %s", bytes(jars), bytesMax, jars)
        .isLessThanOrEqualTo(bytesMax);
  }

  private static long bytes(Map<String, Long> jars) {
    return jars.values().stream().mapToLong(Long::longValue).sum();
  }
}
