package io.datashard.testkit.s3;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the fake answers. */
public record FakeAnswer(int status, Map<String, String> headers, byte[] body) {
  private static final byte[] NOTHING = {};

  /** A request that ends here. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String code;

    Refused(int status, String code) {
      super(status + " " + code);
      this.status = status;
      this.code = code;
    }

    int status() {
      return status;
    }

    String code() {
      return code;
    }
  }

  static FakeAnswer empty(int status) {
    return new FakeAnswer(status, new LinkedHashMap<>(), NOTHING);
  }

  static FakeAnswer xml(String text) {
    FakeAnswer answer =
        new FakeAnswer(200, new LinkedHashMap<>(), text.getBytes(StandardCharsets.UTF_8));
    answer.headers().put("Content-Type", "application/xml");
    return answer;
  }

  /**
   * An error.
   *
   * @param codeAndText such as {@code NoSuchKey} or {@code NotImplemented: this header}
   */
  public static FakeAnswer error(int status, String codeAndText, String method) {
    if (method.equals("HEAD") || codeAndText.isEmpty()) {
      return empty(status);
    }
    int colon = codeAndText.indexOf(": ");
    String code = colon < 0 ? codeAndText : codeAndText.substring(0, colon);
    String text = colon < 0 ? "The fake says so" : codeAndText.substring(colon + 2);
    FakeAnswer answer =
        new FakeAnswer(
            status,
            new LinkedHashMap<>(),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
                    + code
                    + "</Code><Message>"
                    + escaped(text)
                    + "</Message><RequestId>fake</RequestId></Error>")
                .getBytes(StandardCharsets.UTF_8));
    answer.headers().put("Content-Type", "application/xml");
    return answer;
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  FakeAnswer with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  FakeAnswer withBody(byte[] other) {
    return new FakeAnswer(status, headers, other);
  }
}
