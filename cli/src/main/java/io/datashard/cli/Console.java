package io.datashard.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What a command talks to: data in, data out, messages to people. */
public final class Console {
  /** The launcher says here which of the standard streams 1 and 2 are terminals. */
  private static final String TERMINALS = "datashard.terminals";

  /** The launcher says here how it was called, for commands shown to people. */
  private static final String LAUNCHER = "datashard.launcher";

  private final InputStream in;
  private final Output out;
  private final OutputStream err;
  private boolean errFailed;

  Console(InputStream in, OutputStream out, OutputStream err) {
    this.in = in;
    this.out = new Output(out);
    this.err = err;
  }

  /** Standard input. */
  public InputStream in() {
    return in;
  }

  /** Standard output, for data only. */
  public Output out() {
    return out;
  }

  /** Writes a message for people to standard error, at once. */
  public void say(String message) {
    sayRaw(message + System.lineSeparator());
  }

  /** Writes to standard error as it is; one that is closed ends no command. */
  public synchronized void sayRaw(String text) {
    if (errFailed) {
      return;
    }
    try {
      err.write(text.getBytes(StandardCharsets.UTF_8));
      err.flush();
    } catch (IOException e) {
      errFailed = true;
    }
  }

  /** Whether standard output is a terminal. */
  public boolean outIsTerminal() {
    return isTerminal("1");
  }

  /** Whether standard error is a terminal. */
  public boolean errIsTerminal() {
    return isTerminal("2");
  }

  private static boolean isTerminal(String stream) {
    String said = System.getProperty(TERMINALS);
    return said == null ? System.console() != null : said.contains(stream);
  }

  /** How people call this command, for example {@code ./datashard}. */
  public static String launcher() {
    return shellWord(System.getProperty(LAUNCHER, "datashard"));
  }

  /** The word as a POSIX shell reads it back, in quotes if it needs them. */
  public static String shellWord(String word) {
    if (!word.isEmpty() && word.chars().allMatch(Console::needsNoQuotes)) {
      return word;
    }
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static boolean needsNoQuotes(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "_-./:=,+@%".indexOf(c) >= 0;
  }
}
