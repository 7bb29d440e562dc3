package io.datashard.s3;

import io.datashard.testkit.s3.FakeCall;
import io.datashard.testkit.simulation.SimulatedBucket.Answer;
import io.datashard.testkit.simulation.SimulatedBucket.Exchange;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What keeps the promises in a bucket, each by itself. Taken away on the wire, so that the module's
 * code is the real one and does what it would do without it.
 */
enum S3Protection {
  /** A request that was sent and not answered may have been carried out (I3). */
  UNANSWERED {
    @Override
    Answer send(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
        throws IOException {
      try {
        return exchange.send(call);
      } catch (SocketException | SocketTimeoutException e) {
        throw new ConnectException("Connection refused"); // as if nothing had been sent
      }
    }
  },

  /** So may one that the server answered with an error of its own (I3). */
  SERVER_ERRORS {
    @Override
    Answer send(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
        throws IOException {
      Answer answer = exchange.send(call);
      return answer.status() >= 500
          ? new Answer(429, Map.of("Content-Length", "0"), new byte[0])
          : answer;
    }
  },

  /** A version that was there already is looked at: it may be one's own (I4). */
  OWN_TOKEN {
    @Override
    Answer send(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
        throws IOException {
      Answer answer = noting(exchange, call, unsettled);
      if (!call.operation().equals("GetObject")
          || !Arrays.equals(unsettled.remove(call.key()), answer.body())) {
        return answer;
      }
      String text = new String(answer.body(), StandardCharsets.ISO_8859_1);
      String strange =
          text.replaceAll("(\"datashard.commit.token\" ?: ?\")[0-9a-f]{32}", "$1" + "0".repeat(32))
              .replace("datashard-crc32", "somebodys-crc32"); // which is right for that token
      return new Answer(
          answer.status(), answer.headers(), strange.getBytes(StandardCharsets.ISO_8859_1));
    }
  },

  /** What is sent again has its condition again (I1). */
  CONDITION_AGAIN {
    @Override
    Answer send(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
        throws IOException {
      // Not of canaries, which would find it out.
      boolean again = call.key().endsWith(".json") && unsettled.containsKey(call.key());
      return noting(exchange, again ? call.without("if-none-match") : call, unsettled);
    }
  },

  /** A body is as long as it was said to be (I5). */
  BODY_LENGTH {
    @Override
    Answer send(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
        throws IOException {
      Answer answer = exchange.send(call);
      if (call.method().equals("HEAD")) {
        return answer;
      }
      Map<String, String> headers = new TreeMap<>(answer.headers());
      headers.remove("Content-Length");
      return new Answer(answer.status(), headers, answer.body());
    }
  };

  /**
   * Sends a request and tells of its answer what is left without the protection.
   *
   * @param unsettled what the process put without being told that it is there
   */
  abstract Answer send(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
      throws IOException;

  private static Answer noting(Exchange exchange, FakeCall call, Map<String, byte[]> unsettled)
      throws IOException {
    boolean isPut = call.operation().equals("PutObject");
    if (isPut) {
      unsettled.put(call.key(), call.body());
    }
    Answer answer = exchange.send(call);
    if (isPut && answer.status() == 200) {
      unsettled.remove(call.key());
    }
    return answer;
  }
}
