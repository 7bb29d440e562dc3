package io.datashard.cli.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.cli.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals against rows: what counts as lost, doubled, unsent and interrupted. */
class ComparisonTest {
  @TempDir private Path folder;

  private static List<Journal.Line> lines(String... ids) {
    return List.of(ids).stream().map(id -> new Journal.Line(id, id.length())).toList();
  }

  @Test
  void everythingInItsPlaceIsRight() {
    Comparison.Builder builder = new Comparison.Builder(lines("a", "b", "c"), lines("a", "b"));
    builder.row("b", true);
    builder.row("a", true);
    builder.row("c", true); // its writer was killed before it was told

    Comparison compared = builder.build();

    assertThat(compared.isRight()).isTrue();
    assertThat(compared.rows()).isEqualTo(3);
    assertThat(compared.acknowledged()).isEqualTo(2);
    assertThat(compared.interrupted()).isEqualTo(1);
  }

  @Test
  void aLostRowIsNotRight() {
    Comparison.Builder builder = new Comparison.Builder(lines("a", "b"), lines("a", "b"));
    builder.row("b", true);

    assertThat(builder.build().isRight()).isFalse();
    assertThat(builder.build().lost()).isEqualTo(1);
  }

  @Test
  void aDoubledRowIsNotRight() {
    Comparison.Builder builder = new Comparison.Builder(lines("a"), lines("a"));
    builder.row("a", true);
    builder.row("a", true);

    Comparison compared = builder.build();

    assertThat(compared.isRight()).isFalse();
    assertThat(compared.doubled()).isEqualTo(1);
    assertThat(compared.examples()).containsExactly("doubled a");
  }

  @Test
  void aRowThatNobodySentOrThatWasChangedIsNotRight() {
    Comparison.Builder builder = new Comparison.Builder(lines("a", "b"), lines("a", "b"));
    builder.row("a", true);
    builder.row("b", false);
    builder.row("x", true);

    Comparison compared = builder.build();

    assertThat(compared.isRight()).isFalse();
    assertThat(compared.unsent()).isEqualTo(2);
  }

  @Test
  void whatTheCheckingProcessTellsIsReadBack() throws IOException {
    Comparison.Builder builder =
        new Comparison.Builder(lines("a", "bb", "ccc"), lines("a", "bb", "ccc"));
    builder.row("a", true);
    builder.row("x", true);
    Comparison compared = builder.build();

    assertThat(Comparison.parse(Json.object(compared::write))).isEqualTo(compared);
    assertThat(compared.medianMillis()).isEqualTo(2);
    assertThat(compared.slowestMillis()).isEqualTo(3);
  }

  @Test
  void aLineThatWasCutByAKillDoesNotCount() throws IOException {
    try (Journal journal = Journal.create(folder, 1, 0, Journal.ACKED)) {
      journal.write("w1-0", 1.5);
      journal.write("w1-1", 2.5);
    }
    Path file = folder.resolve("1.0.acked");
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.length() - 1));

    assertThat(Journal.read(folder, Journal.ACKED)).containsExactly(new Journal.Line("w1-0", 1.5));
    assertThat(Journal.count(folder, 1, 1, Journal.ACKED)).isEqualTo(1);
    assertThat(Journal.count(folder, 1, 1, Journal.SENT)).isZero();
  }
}
