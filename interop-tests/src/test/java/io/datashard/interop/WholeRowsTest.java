package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.datashard.DataShard;
import io.datashard.schema.Schema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise: strict foreign readers open every shape of table that we write, by folder and by
 * metadata file, and see the same whole rows, value for value.
 */
@NeedsPython
class WholeRowsTest {
  /** What a reader cannot do, by its own fault; if it learns to, the test says so. */
  private record Limit(ForeignReader reader, Shape shape, String says) {}

  private static final List<Limit> LIMITS = new ArrayList<>();

  static {
    // PyIceberg takes locations apart as URIs, although Iceberg's are plain text: what follows a
    // question mark or a number sign is cut off. Polars opens tables through PyIceberg.
    for (ForeignReader reader :
        List.of(ForeignReader.PYICEBERG, ForeignReader.PANDAS, ForeignReader.POLARS)) {
      LIMITS.add(new Limit(reader, Shape.PATH_WITH_HASH, "/hash'"));
      LIMITS.add(new Limit(reader, Shape.PATH_WITH_QUESTION, "/what'"));
    }
  }

  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicNode> everyShape() {
    return Arrays.stream(Shape.values())
        .map(shape -> dynamicContainer(shape.name(), Stream.of(shape).flatMap(this::reads)));
  }

  private Stream<DynamicNode> reads(Shape shape) {
    Shape.Built built = shape.write(folder);
    List<DynamicNode> tests = new ArrayList<>();
    tests.add(dynamicTest("DataShard", () -> oursIsWhatWasWritten(built)));
    for (ForeignReader reader : ForeignReader.values()) {
      Optional<Limit> limit =
          LIMITS.stream().filter(l -> l.reader == reader && l.shape == shape).findFirst();
      if (limit.isPresent()) {
        tests.add(
            dynamicTest(
                reader + " cannot",
                () ->
                    assertThatThrownBy(() -> agrees(reader, built))
                        .hasMessageContaining(limit.get().says)));
      } else {
        tests.add(dynamicTest(reader.toString(), () -> agrees(reader, built)));
        tests.add(dynamicTest(reader + " by snapshot", () -> agreesAtSnapshots(reader, built)));
      }
    }
    return tests.stream();
  }

  private static void oursIsWhatWasWritten(Shape.Built built) {
    Schema schema = built.schema();
    Answer ours = OurReader.read(DataShard.loadTable(built.folder()).scan());
    Answer.requireSame("what was written, and we", schema, built.truth(), ours);
    for (long snapshot : some(built.snapshots())) {
      ours = OurReader.read(built.table().scan().at(snapshot));
      Answer.requireSame("snapshot " + snapshot, schema, built.truthAt(snapshot), ours);
    }
    assertThat(built.table().scan().count()).isEqualTo(built.rows().size());
  }

  private static void agrees(ForeignReader reader, Shape.Built built) {
    String metadata = built.table().metadataLocation();
    for (String location :
        built.isSmall()
            ? List.of(folder(built), built.table().location(), plain(metadata), metadata)
            : List.of(folder(built), metadata)) {
      Answer theirs = reader.read(location, built.schema());
      Answer.requireSame(reader + " at " + location, built.schema(), built.truth(), theirs);
    }
  }

  private static String folder(Shape.Built built) {
    return built.folder().toString();
  }

  private static String plain(String metadata) {
    return metadata.substring("file://".length());
  }

  private static void agreesAtSnapshots(ForeignReader reader, Shape.Built built) {
    for (long snapshot : some(built.snapshots())) {
      Answer theirs = reader.read(built.table().metadataLocation(), built.schema(), null, snapshot);
      Answer.requireSame(
          reader + " at snapshot " + snapshot, built.schema(), built.truthAt(snapshot), theirs);
    }
  }

  /** The first, the last and some between. */
  private static List<Long> some(List<Long> snapshots) {
    int size = snapshots.size();
    return size <= 4
        ? snapshots
        : List.of(
            snapshots.get(0),
            snapshots.get(size / 2),
            snapshots.get(size - 2),
            snapshots.get(size - 1));
  }
}
