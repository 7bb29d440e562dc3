package io.datashard.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The variables that describe a bucket. */
final class S3Environment {
  private static final String START = "DATASHARD_S3_";
  static final String ENDPOINT = START + "ENDPOINT";
  static final String REGION = START + "REGION";
  static final String BUCKET = START + "BUCKET";
  static final String PREFIX = START + "PREFIX";
  static final String ACCESS_KEY = START + "ACCESS_KEY";
  static final String SECRET_KEY = START + "SECRET_KEY";
  static final String SESSION_TOKEN = START + "SESSION_TOKEN";
  static final String PATH_STYLE = START + "PATH_STYLE";
  static final String CA_FILE = START + "CA_FILE";
  static final String ENCRYPTION = START + "ENCRYPTION";
  static final String KMS_KEY = START + "KMS_KEY";
  static final String STORAGE_CLASS = START + "STORAGE_CLASS";
  static final String TIMEOUT_SECONDS = START + "TIMEOUT_SECONDS";

  static final List<String> KNOWN =
      List.of(
          ENDPOINT,
          ACCESS_KEY,
          SECRET_KEY,
          SESSION_TOKEN,
          BUCKET,
          REGION,
          PREFIX,
          PATH_STYLE,
          CA_FILE,
          ENCRYPTION,
          KMS_KEY,
          STORAGE_CLASS,
          TIMEOUT_SECONDS);

  private final Map<String, String> variables;

  private S3Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /**
   * The configuration that they describe; an empty variable counts as none.
   *
   * @throws IllegalArgumentException one is unknown or makes no sense; it is named, its value only
   *     if it is no key
   */
  static S3Config read(Map<String, String> variables) {
    for (String name : new TreeSet<>(variables.keySet())) {
      if (name.startsWith(START) && !KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "The variable "
                + name
                + " is not known. Those for a bucket are "
                + String.join(", ", KNOWN)
                + ".");
      }
    }
    return new S3Environment(variables).config();
  }

  private S3Config config() {
    S3Config.Builder config = S3Config.builder();
    String endpoint = value(ENDPOINT);
    if (endpoint != null) {
      config.endpoint(uri(endpoint));
    }
    keys(config);
    set(REGION, config::region);
    set(BUCKET, config::bucket);
    set(PREFIX, config::prefix);
    set(ENCRYPTION, config::encryption);
    set(KMS_KEY, config::kmsKeyId);
    set(STORAGE_CLASS, config::storageClass);
    set(CA_FILE, file -> config.caFile(Path.of(file)));
    set(PATH_STYLE, text -> config.pathStyle(isTrue(text)));
    set(TIMEOUT_SECONDS, text -> config.operationTimeout(Duration.ofSeconds(seconds(text))));
    return config.build();
  }

  private void keys(S3Config.Builder config) {
    String access = value(ACCESS_KEY);
    String secret = value(SECRET_KEY);
    String token = value(SESSION_TOKEN);
    if (access != null && secret != null) {
      config.keys(access, secret, token);
    } else if (access != null || secret != null || token != null) {
      throw new IllegalArgumentException(
          "Of the variables "
              + ACCESS_KEY
              + " and "
              + SECRET_KEY
              + " one is set and the other is not. Set both, or neither and use the credentials of"
              + " the environment.");
    }
  }

  private interface Setter {
    void set(String value);
  }

  private void set(String name, Setter setter) {
    String value = value(name);
    if (value == null) {
      return;
    }
    try {
      setter.set(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The variable " + name + ": " + e.getMessage(), e);
    }
  }

  private @Nullable String value(String name) {
    String value = variables.getOrDefault(name, "").strip();
    return value.isEmpty() ? null : value;
  }

  /** Without the text in the message where it may hold a key. */
  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "The variable " + ENDPOINT + " is no URI: " + e.getReason() + " at " + e.getIndex());
    }
  }

  private static boolean isTrue(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false, got '" + text + "'");
    };
  }

  private static long seconds(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number of seconds, got '" + text + "'", e);
    }
  }
}
