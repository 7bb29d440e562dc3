package io.datashard.interop;

import io.datashard.Batches;
import io.datashard.Scan;
import io.datashard.data.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What we ourselves read. */
final class OurReader {
  private OurReader() {}

  static Answer read(Scan scan) {
    RowDigest digest = new RowDigest();
    each(scan, digest::add);
    return new Answer(
        digest.rows(),
        digest.hex(),
        () -> {
          List<String> lines = new ArrayList<>();
          each(scan, lines::add);
          return lines;
        });
  }

  private static void each(Scan scan, Consumer<String> line) {
    try (Batches batches = scan.batches(4_096)) {
      for (Batch batch : batches) {
        for (int i = 0; i < batch.rows(); i++) {
          line.accept(RowText.of(batch, i));
        }
      }
    }
  }
}
