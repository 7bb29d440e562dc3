package io.datashard.internal.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pieces stay few, and what is in them is written again only a few times. */
class TiersTest {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** A row of pieces, and how much was written to keep it short. */
  private static final class Pieces {
    private final List<Long> sizes = new ArrayList<>();
    private final long bytesEach;
    private final long bytesMax;
    private long added;
    private long rewritten;
    private long longestMerge;
    private int most;

    Pieces(long bytesEach, long bytesMax) {
      this.bytesEach = bytesEach;
      this.bytesMax = bytesMax;
    }

    void add(long size) {
      sizes.add(size);
      added += size;
      int from =
          Tiers.mergeFrom(
              sizes.stream().mapToLong(Long::longValue).toArray(),
              sizes.stream().mapToLong(each -> each * bytesEach).toArray(),
              1,
              bytesMax);
      if (from < sizes.size()) {
        List<Long> merged = sizes.subList(from, sizes.size());
        assertThat(merged).hasSizeGreaterThan(1);
        long sum = merged.stream().mapToLong(Long::longValue).sum();
        rewritten += sum;
        longestMerge = Math.max(longestMerge, sum * bytesEach);
        merged.clear();
        sizes.add(sum);
      }
      most = Math.max(most, sizes.size());
    }
  }

  @Test
  void eightOfOneSizeBecomeOne() {
    Pieces pieces = new Pieces(1, NO_LIMIT);
    for (int i = 1; i <= 7; i++) {
      pieces.add(1);
      assertThat(pieces.sizes).hasSize(i);
    }
    pieces.add(1);
    assertThat(pieces.sizes).containsExactly(8L);
    for (int i = 0; i < 57; i++) {
      pieces.add(1);
    }
    assertThat(pieces.sizes).as("64 at once, not eights first").containsExactly(64L, 1L);
  }

  @Test
  void hundredThousandSmallOnesAreAFewDozens() {
    Pieces pieces = new Pieces(1, NO_LIMIT);
    for (int i = 0; i < 100_000; i++) {
      pieces.add(1);
    }
    assertThat(pieces.most).isLessThanOrEqualTo(7 * 6);
    assertThat(pieces.rewritten / (double) pieces.added).isLessThan(6);
  }

  @Test
  void whatIsTooLongTogetherIsMergedAsFarAsItFits() {
    Pieces pieces = new Pieces(100, 10_000); // 100 things at once
    for (int i = 0; i < 20_000; i++) {
      pieces.add(1);
    }
    assertThat(pieces.longestMerge).isLessThanOrEqualTo(10_000);
    assertThat(pieces.sizes.size()).as("at least 200 are needed").isLessThan(2 * 200 + 20);
    assertThat(pieces.rewritten / (double) pieces.added).isLessThan(6);
  }

  @Test
  void oneLongPieceIsNotWrittenAgainForEverySmallOne() {
    Pieces pieces = new Pieces(1, 1_000);
    pieces.add(900);
    for (int i = 0; i < 50; i++) {
      pieces.add(60);
    }
    assertThat(pieces.sizes.get(0)).isEqualTo(900);
    assertThat(pieces.rewritten).isLessThan(3 * 50 * 60);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyMixOfSizesStaysShortAndCheap(long seed) {
    Random random = new Random(seed);
    Pieces pieces = new Pieces(1, NO_LIMIT);
    for (int i = 0; i < 20_000; i++) {
      pieces.add(random.nextInt(20) > 0 ? 1 + random.nextInt(3) : 1 + random.nextInt(2_000));
    }
    assertThat(pieces.most).as("seed %d", seed).isLessThan(100);
    assertThat(pieces.rewritten / (double) pieces.added).as("seed %d", seed).isLessThan(8);
    assertThat(pieces.sizes.stream().mapToLong(Long::longValue).sum()).isEqualTo(pieces.added);
  }
}
