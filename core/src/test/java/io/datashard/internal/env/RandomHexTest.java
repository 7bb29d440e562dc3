package io.datashard.internal.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomHexTest {
  @Test
  void namesHave32DigitsAndAreNeverDrawnTwice() {
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String name = Env.system().randomHex();
      assertThat(name).matches("[0-9a-f]{32}");
      assertThat(drawn.add(name)).as("%s is drawn once", name).isTrue();
    }
  }
}
