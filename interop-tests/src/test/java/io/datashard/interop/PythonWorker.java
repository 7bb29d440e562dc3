package io.datashard.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One Python process for all tests of this JVM; importing the readers takes far longer than using
 * them; another one for the writers that only the slow suite asks. Requests and answers are JSON,
 * one a line; see {@code worker.py}.
 */
final class PythonWorker {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final long ANSWER_SECONDS_MAX = 180;

  /** The engine refused or failed; the message is Python's. */
  static final class Failed extends RuntimeException {
    Failed(String message) {
      super(message);
    }
  }

  private static @Nullable PythonWorker running;
  private static @Nullable PythonWorker runningMore;

  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final Path log;

  private PythonWorker(Path python, String script) throws IOException {
    Path target = PythonEnv.MODULE.resolve("target").toAbsolutePath();
    Files.createDirectories(target);
    log = target.resolve("python-" + script + "-" + ProcessHandle.current().pid() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(python.toString(), "-B", PythonEnv.SOURCES.resolve(script).toString());
    builder.environment().put("PYTHONUTF8", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectError(log.toFile());
    process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static synchronized PythonWorker running() throws IOException {
    PythonWorker worker = running;
    if (worker == null || !worker.process.isAlive()) {
      worker = new PythonWorker(python(PythonEnv.get()), "worker.py");
      running = worker;
    }
    return worker;
  }

  private static synchronized PythonWorker runningMore() throws IOException {
    PythonWorker worker = runningMore;
    if (worker == null || !worker.process.isAlive()) {
      worker = new PythonWorker(python(PythonEnv.more()), "more_writers.py");
      runningMore = worker;
    }
    return worker;
  }

  private static Path python(PythonEnv.Outcome outcome) {
    Path python = outcome.python();
    if (python == null) {
      throw new IllegalStateException("A test asked for Python without @NeedsPython.");
    }
    return python;
  }

  /** A new request for this operation. */
  static ObjectNode request(String operation) {
    return JSON.createObjectNode().put("op", operation);
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws Failed the operation failed
   */
  static synchronized JsonNode ask(ObjectNode request) {
    try {
      return running().answer(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same of the writers of {@link PythonEnv#more}. */
  static synchronized JsonNode askMore(ObjectNode request) {
    try {
      return runningMore().answer(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode answer(ObjectNode request) throws IOException {
    requests.write(JSON.writeValueAsString(request));
    requests.newLine();
    requests.flush();
    String line = readLine(request);
    JsonNode answer = JSON.readTree(line);
    if (!answer.path("ok").asBoolean()) {
      throw new Failed(answer.path("error").asText());
    }
    return answer;
  }

  private String readLine(ObjectNode request) throws IOException {
    CompletableFuture<@Nullable String> reading =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return answers.readLine();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    String what = "no answer";
    try {
      String line = reading.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
      if (line != null) {
        return line;
      }
      what = "the process ended";
    } catch (TimeoutException e) {
      what = "no answer within " + ANSWER_SECONDS_MAX + " s";
    } catch (ExecutionException e) {
      what = String.valueOf(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    List<String> said = Files.readAllLines(log);
    throw new Failed(
        "Python worker: "
            + what
            + " to "
            + request
            + "\n"
            + String.join("\n", said.subList(Math.max(0, said.size() - 30), said.size())));
  }
}
