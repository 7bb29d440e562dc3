package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The cache keeps what was used last, within its bytes. */
class FileCacheTest {
  private final List<String> loaded = new ArrayList<>();

  private byte[] get(FileCache cache, String key, int length) {
    return cache.get(
        key,
        length,
        () -> {
          loaded.add(key);
          return new byte[length];
        });
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() {
    FileCache cache = new FileCache(100_000);
    for (String key : List.of("a", "b", "c", "d")) {
      get(cache, key, 24_800);
    }
    get(cache, "a", 24_800);
    get(cache, "e", 24_800);
    get(cache, "a", 24_800);
    get(cache, "b", 24_800);
    assertThat(loaded).containsExactly("a", "b", "c", "d", "e", "b");
  }

  @Test
  void aFileThatWouldEmptyTheCacheIsNotKept() {
    FileCache cache = new FileCache(100_000);
    get(cache, "a", 24_800);
    get(cache, "big", 25_000);
    get(cache, "big", 25_000);
    get(cache, "a", 24_800);
    assertThat(loaded).containsExactly("a", "big", "big");
  }

  @Test
  void aCacheOfNothingKeepsNothing() {
    FileCache cache = new FileCache(0);
    get(cache, "a", 1);
    get(cache, "a", 1);
    assertThat(loaded).containsExactly("a", "a");
  }

  @Test
  void aFailureIsNotKept() {
    FileCache cache = new FileCache(100_000);
    assertThatThrownBy(
            () ->
                cache.get(
                    "a",
                    5,
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(get(cache, "a", 5)).hasSize(5);
  }
}
