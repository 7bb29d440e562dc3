package io.datashard.s3;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * The SDK's client as we use it, made at the first request: it does not try again by itself, adds
 * no checksums that a store may not know, and sends bodies in one piece.
 *
 * <p>A body's length is always told before. So the JDK streams it, and does not send it a second
 * time on its own when a connection breaks, which it would do with a body that it holds in memory.
 */
final class Client {
  private static final Logger LOG = LoggerFactory.getLogger(Client.class);

  private static final int SECRET_LENGTH_MIN = 8;
  private static final long OVERTAKEN_MILLIS_MAX = 120_000;

  private final S3Config config;
  private final S3Env env;
  private final AwsCredentialsProvider provider;

  /** What was resolved last, so that it can be taken out of texts. */
  private volatile String[] secrets = {};

  private final Map<String, Canary> canaries = new ConcurrentHashMap<>();
  private volatile long clockMillis;
  private @Nullable S3Client client;

  Client(S3Config config, S3Env env) {
    this.config = config;
    this.env = env;
    this.provider = providerOf(config);
    config.keys().ifPresent(keys -> secrets = new String[] {keys.access, keys.secret, keys.token});
  }

  private static AwsCredentialsProvider providerOf(S3Config config) {
    S3Config.Keys keys = config.keys().orElse(null);
    if (keys != null) {
      return StaticCredentialsProvider.create(
          keys.token == null
              ? AwsBasicCredentials.create(keys.access, keys.secret)
              : AwsSessionCredentials.create(keys.access, keys.secret, keys.token));
    }
    return config.credentials().orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }

  S3Config config() {
    return config;
  }

  S3Env env() {
    return env;
  }

  /** What the store's last answer said of the time; empty if none did. */
  OptionalLong clockMillis() {
    long millis = clockMillis;
    return millis == 0 ? OptionalLong.empty() : OptionalLong.of(millis);
  }

  /** Answers may overtake each other; a clock that was wrong is believed no longer. */
  private synchronized void tells(long millis) {
    if (millis > clockMillis || clockMillis - millis > OVERTAKEN_MILLIS_MAX) {
      clockMillis = millis;
    }
  }

  /** Reads the time in each answer, also in errors. */
  private final class Clock implements ExecutionInterceptor {
    @Override
    public void afterTransmission(
        Context.AfterTransmission context, ExecutionAttributes attributes) {
      String date = context.httpResponse().firstMatchingHeader("Date").orElse("");
      try {
        if (!date.isEmpty()) {
          tells(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)).toEpochMilli());
        }
      } catch (DateTimeException e) {
        LOG.debug("The store says that it is '{}'", date);
      }
    }
  }

  /**
   * The client, with credentials at hand.
   *
   * @throws S3Failure there are none; nothing was sent
   */
  S3Client ready() throws S3Failure {
    try {
      AwsCredentials found = provider.resolveCredentials();
      String token = found instanceof AwsSessionCredentials held ? held.sessionToken() : null;
      String[] now = {found.accessKeyId(), found.secretAccessKey(), token};
      if (!Arrays.equals(now, secrets)) {
        secrets = now;
      }
      return client();
    } catch (SdkException e) {
      S3Failure failure = S3Failure.of(e, this::clean);
      throw S3Failure.refused(failure.getMessage(), failure.getCause());
    }
  }

  private synchronized S3Client client() throws S3Failure {
    if (client == null) {
      S3ClientBuilder builder =
          S3Client.builder()
              .credentialsProvider(provider)
              .region(region())
              .forcePathStyle(config.pathStyle())
              .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
              .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
              .serviceConfiguration(
                  s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
              .overrideConfiguration(
                  o ->
                      o.retryStrategy(AwsRetryStrategy.doNotRetry())
                          .addExecutionInterceptor(new Clock())
                          .apiCallAttemptTimeout(config.requestTimeout())
                          .scheduledExecutorService(env.alarm()))
              .httpClient(http());
      config.endpoint().ifPresent(builder::endpointOverride);
      client = builder.build();
    }
    return client;
  }

  private Region region() throws S3Failure {
    if (config.region().isPresent()) {
      return Region.of(config.region().get());
    }
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkException e) {
      if (config.endpoint().isPresent()) {
        return Region.US_EAST_1; // what other stores than AWS go by, if they look at it at all
      }
      throw S3Failure.refused(
          "no region is known. Set "
              + S3Environment.REGION
              + " or AWS_REGION, or "
              + S3Environment.ENDPOINT
              + " for another store than AWS",
          null);
    }
  }

  private SdkHttpClient http() throws S3Failure {
    SdkHttpClient own = env.transport();
    if (own != null) {
      return own;
    }
    UrlConnectionHttpClient.Builder http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(config.connectTimeout())
            .socketTimeout(config.silenceTimeout());
    if (config.caFile().isPresent()) {
      TrustManager[] trusted = trusted(config.caFile().get());
      http.tlsTrustManagersProvider(() -> trusted);
    }
    return http.build();
  }

  /** Those of the JDK and those in this file. */
  private static TrustManager[] trusted(Path file) throws S3Failure {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      List<Certificate> all =
          new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
      TrustManagerFactory jdk =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      jdk.init((KeyStore) null);
      for (TrustManager each : jdk.getTrustManagers()) {
        if (each instanceof X509TrustManager x509) {
          all.addAll(List.of(x509.getAcceptedIssuers()));
        }
      }
      for (int i = 0; i < all.size(); i++) {
        store.setCertificateEntry("trusted-" + i, all.get(i));
      }
      TrustManagerFactory ours =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      ours.init(store);
      return ours.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw S3Failure.refused("the certificates in " + file + " cannot be read: " + e, e);
    }
  }

  /** A text without the keys in use; what is shorter than any real key is a word like others. */
  String clean(String text) {
    String clean = text;
    for (String secret : secrets) {
      if (secret != null && secret.length() >= SECRET_LENGTH_MIN) {
        clean = clean.replace(secret, "***");
      }
    }
    return clean;
  }

  /** What is proved of this endpoint and bucket, once for all tables in it. */
  Canary canaryOf(String bucket) {
    String endpoint = config.endpoint().map(URI::toString).orElse("AWS");
    return canaries.computeIfAbsent(bucket, name -> new Canary(endpoint + ", bucket " + name));
  }

  /**
   * What two processes of this machine have in common that reach the same objects with the same
   * rights. Of a key pair only the half that is no secret goes into it, hashed. Without one, it is
   * what the environment finds keys by, since those of a role change while a process runs.
   */
  String machineKey(S3Location location) {
    StringBuilder all = new StringBuilder("datashard s3\n");
    all.append(config.endpoint().map(URI::toString).orElse("AWS")).append('\n');
    all.append(config.region().orElse("")).append('\n').append(location).append('\n');
    S3Config.Keys keys = config.keys().orElse(null);
    if (keys != null) {
      all.append("keys\n").append(keys.access);
    } else if (config.credentials().isPresent()) {
      return ""; // nobody knows whether another provider gives the same rights
    } else {
      System.getenv().entrySet().stream()
          .filter(each -> each.getKey().startsWith("AWS_") && !isSecret(each.getKey()))
          .sorted(Map.Entry.comparingByKey())
          .forEach(all::append);
      for (String property : List.of("aws.accessKeyId", "aws.profile", "user.home")) {
        all.append('\n').append(System.getProperty(property, ""));
      }
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return "s3:" + HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isSecret(String variable) {
    return variable.endsWith("_TOKEN") || variable.contains("SECRET");
  }
}
