package io.datashard.s3;

import io.datashard.storage.Locations;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Where a bucket is and how to reach it. Immutable: {@link #toBuilder} makes a changed copy.
 *
 * <p>Nothing here is looked up or checked against the network. Keys are never shown: not by {@link
 * #toString}, not in an error, not in a log (I9).
 */
public final class S3Config {
  private static final int MIB = 1 << 20;

  private final @Nullable URI endpoint;
  private final @Nullable String region;
  private final @Nullable String bucket;
  private final String prefix;
  private final @Nullable Keys keys;
  private final @Nullable AwsCredentialsProvider credentials;
  private final boolean pathStyle;
  private final @Nullable Path caFile;
  private final @Nullable String encryption;
  private final @Nullable String kmsKeyId;
  private final @Nullable String storageClass;
  private final Duration connectTimeout;
  private final Duration silenceTimeout;
  private final Duration requestTimeout;
  private final Duration operationTimeout;
  private final int triesMax;
  private final int partBytes;

  /** A key pair; no record, because a record shows what it holds. */
  static final class Keys {
    final String access;
    final String secret;
    final @Nullable String token;

    Keys(String access, String secret, @Nullable String token) {
      this.access = access;
      this.secret = secret;
      this.token = token;
    }
  }

  private S3Config(Builder from) {
    this.endpoint = from.endpoint;
    this.region = from.region;
    this.bucket = from.bucket;
    this.prefix = from.prefix;
    this.keys = from.keys;
    this.credentials = from.credentials;
    this.pathStyle = from.pathStyle == null ? from.endpoint != null : from.pathStyle;
    this.caFile = from.caFile;
    this.encryption = from.encryption;
    this.kmsKeyId = from.kmsKeyId;
    this.storageClass = from.storageClass;
    this.connectTimeout = from.connectTimeout;
    this.silenceTimeout = from.silenceTimeout;
    this.requestTimeout = from.requestTimeout;
    this.operationTimeout = from.operationTimeout;
    this.triesMax = from.triesMax;
    this.partBytes = from.partBytes;
  }

  /** A configuration for AWS with the credentials of the environment, to be changed. */
  public static Builder builder() {
    return new Builder();
  }

  /** A copy to be changed. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Where requests go; empty for AWS itself. */
  public Optional<URI> endpoint() {
    return Optional.ofNullable(endpoint);
  }

  /** The region; empty to ask the environment. */
  public Optional<String> region() {
    return Optional.ofNullable(region);
  }

  /** The bucket of names without scheme. */
  public Optional<String> bucket() {
    return Optional.ofNullable(bucket);
  }

  /** Names without scheme lie below this key; "" for the bucket itself. */
  public String prefix() {
    return prefix;
  }

  Optional<Keys> keys() {
    return Optional.ofNullable(keys);
  }

  Optional<AwsCredentialsProvider> credentials() {
    return Optional.ofNullable(credentials);
  }

  /** Whether the bucket stands in the path of a request rather than in the host's name. */
  public boolean pathStyle() {
    return pathStyle;
  }

  /** Certificates in PEM that are trusted beside those of the JDK. */
  public Optional<Path> caFile() {
    return Optional.ofNullable(caFile);
  }

  /** Server-side encryption asked for with each new object, for example {@code aws:kms}. */
  public Optional<String> encryption() {
    return Optional.ofNullable(encryption);
  }

  /** The key for {@link #encryption}. */
  public Optional<String> kmsKeyId() {
    return Optional.ofNullable(kmsKeyId);
  }

  /** The storage class asked for with each new object. */
  public Optional<String> storageClass() {
    return Optional.ofNullable(storageClass);
  }

  /** How long a connection may take to be there. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /** How long the other side may say nothing. */
  public Duration silenceTimeout() {
    return silenceTimeout;
  }

  /** How long one request may take, and 4 s more for each MiB that it carries. */
  public Duration requestTimeout() {
    return requestTimeout;
  }

  /** How long one operation may take with all its tries, and 4 s more for each MiB it carries. */
  public Duration operationTimeout() {
    return operationTimeout;
  }

  /** How often one operation sends its request at most. */
  public int triesMax() {
    return triesMax;
  }

  /** Larger files are sent in parts of this size. */
  public int partBytes() {
    return partBytes;
  }

  @Override
  public String toString() {
    return "S3Config[endpoint="
        + (endpoint == null ? "AWS" : endpoint)
        + ", region="
        + region
        + ", bucket="
        + bucket
        + ", prefix="
        + prefix
        + ", credentials="
        + (keys != null ? "keys" : credentials != null ? "provider" : "environment")
        + ", pathStyle="
        + pathStyle
        + "]";
  }

  /** Collects a configuration. */
  public static final class Builder {
    private @Nullable URI endpoint;
    private @Nullable String region;
    private @Nullable String bucket;
    private String prefix = "";
    private @Nullable Keys keys;
    private @Nullable AwsCredentialsProvider credentials;
    private @Nullable Boolean pathStyle;
    private @Nullable Path caFile;
    private @Nullable String encryption;
    private @Nullable String kmsKeyId;
    private @Nullable String storageClass;
    private Duration connectTimeout = Duration.ofSeconds(5);
    private Duration silenceTimeout = Duration.ofSeconds(20);
    private Duration requestTimeout = Duration.ofSeconds(30);
    private Duration operationTimeout = Duration.ofSeconds(60);
    private int triesMax = 8;
    private int partBytes = 8 * MIB;

    private Builder() {}

    private Builder(S3Config from) {
      this.endpoint = from.endpoint;
      this.region = from.region;
      this.bucket = from.bucket;
      this.prefix = from.prefix;
      this.keys = from.keys;
      this.credentials = from.credentials;
      this.pathStyle = from.pathStyle;
      this.caFile = from.caFile;
      this.encryption = from.encryption;
      this.kmsKeyId = from.kmsKeyId;
      this.storageClass = from.storageClass;
      this.connectTimeout = from.connectTimeout;
      this.silenceTimeout = from.silenceTimeout;
      this.requestTimeout = from.requestTimeout;
      this.operationTimeout = from.operationTimeout;
      this.triesMax = from.triesMax;
      this.partBytes = from.partBytes;
    }

    /** See {@link S3Config#endpoint}; path style is then the default. */
    public Builder endpoint(URI value) {
      String scheme = value.getScheme();
      if (!("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))
          || value.getHost() == null) {
        throw new IllegalArgumentException(
            "an S3 endpoint is http://host:port or https://host, got '" + withoutUser(value) + "'");
      }
      if (value.getUserInfo() != null || value.getQuery() != null || value.getFragment() != null) {
        throw new IllegalArgumentException(
            "an S3 endpoint has no user, query or fragment, got '"
                + withoutUser(value)
                + "'; keys are given beside it");
      }
      this.endpoint = value;
      return this;
    }

    private static String withoutUser(URI value) {
      return value.getScheme() + "://" + value.getHost() + "...";
    }

    /** See {@link S3Config#region}. */
    public Builder region(String value) {
      this.region = value;
      return this;
    }

    /** See {@link S3Config#bucket}. */
    public Builder bucket(String value) {
      this.bucket = S3Location.checkedBucket(value);
      return this;
    }

    /** See {@link S3Config#prefix}; a slash at its end is dropped. */
    public Builder prefix(String value) {
      String plain = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
      if (!plain.isEmpty() && !Locations.isKey(plain)) {
        throw new IllegalArgumentException(
            "an S3 prefix has parts between single slashes, none of them empty, '.' or '..', got '"
                + value
                + "'");
      }
      this.prefix = plain;
      return this;
    }

    /** A key pair, instead of what the environment gives. */
    public Builder keys(String accessKey, String secretKey) {
      return keys(accessKey, secretKey, null);
    }

    /** A key pair that ends with its session. */
    public Builder keys(String accessKey, String secretKey, @Nullable String sessionToken) {
      if (accessKey.isBlank() || secretKey.isBlank()) {
        throw new IllegalArgumentException("an S3 key pair has two keys, and one is empty");
      }
      this.keys = new Keys(accessKey, secretKey, sessionToken);
      return this;
    }

    /** Where keys come from, instead of the environment. */
    public Builder credentials(AwsCredentialsProvider value) {
      this.credentials = value;
      return this;
    }

    /** See {@link S3Config#pathStyle}. */
    public Builder pathStyle(boolean value) {
      this.pathStyle = value;
      return this;
    }

    /** See {@link S3Config#caFile}. */
    public Builder caFile(Path value) {
      this.caFile = value;
      return this;
    }

    /** See {@link S3Config#encryption}. */
    public Builder encryption(String value) {
      this.encryption = value;
      return this;
    }

    /** See {@link S3Config#kmsKeyId}. */
    public Builder kmsKeyId(String value) {
      this.kmsKeyId = value;
      return this;
    }

    /** See {@link S3Config#storageClass}. */
    public Builder storageClass(String value) {
      this.storageClass = value;
      return this;
    }

    /** See {@link S3Config#connectTimeout}. */
    public Builder connectTimeout(Duration value) {
      this.connectTimeout = positive("connectTimeout", value);
      return this;
    }

    /** See {@link S3Config#silenceTimeout}. */
    public Builder silenceTimeout(Duration value) {
      this.silenceTimeout = positive("silenceTimeout", value);
      return this;
    }

    /** See {@link S3Config#requestTimeout}. */
    public Builder requestTimeout(Duration value) {
      this.requestTimeout = positive("requestTimeout", value);
      return this;
    }

    /** See {@link S3Config#operationTimeout}. */
    public Builder operationTimeout(Duration value) {
      this.operationTimeout = positive("operationTimeout", value);
      return this;
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.toMillis() == 0) {
        throw new IllegalArgumentException(name + " must be at least 1 ms, got " + value);
      }
      return value;
    }

    /** See {@link S3Config#triesMax}. */
    public Builder triesMax(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("triesMax must be at least 1, got " + value);
      }
      this.triesMax = value;
      return this;
    }

    /** See {@link S3Config#partBytes}; S3 takes no smaller parts than 5 MiB. */
    public Builder partBytes(int value) {
      if (value < 5 * MIB || value > 512 * MIB) {
        throw new IllegalArgumentException("partBytes must be 5 MiB to 512 MiB, got " + value);
      }
      this.partBytes = value;
      return this;
    }

    /** The configuration. */
    public S3Config build() {
      if (keys != null && credentials != null) {
        throw new IllegalArgumentException("S3 keys and a provider of keys exclude each other");
      }
      if (kmsKeyId != null && !Objects.requireNonNullElse(encryption, "").startsWith("aws:kms")) {
        throw new IllegalArgumentException(
            "a KMS key needs the encryption aws:kms, got "
                + (encryption == null ? "none" : encryption));
      }
      return new S3Config(this);
    }
  }
}
