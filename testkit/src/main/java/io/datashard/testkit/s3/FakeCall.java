package io.datashard.testkit.s3;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request as the fake understands it. */
public final class FakeCall {
  private static final Pattern KEY_ID = Pattern.compile("Credential=([^/]+)/");

  /** What the plainest S3 knows of x-amz headers. */
  private static final Set<String> KNOWN =
      Set.of(
          "x-amz-content-sha256",
          "x-amz-date",
          "x-amz-security-token",
          "x-amz-server-side-encryption",
          "x-amz-server-side-encryption-aws-kms-key-id",
          "x-amz-storage-class");

  final String method;
  final String bucket;
  final String key;
  final Map<String, String> query;
  final Map<String, String> headers;
  final String operation;
  private final Supplier<byte[]> content;
  private byte @Nullable [] body;

  /**
   * A request.
   *
   * @param key in the bucket, "" for the bucket itself
   * @param headers in lower case
   * @param content its body, asked for once
   */
  public FakeCall(
      String method,
      String bucket,
      String key,
      Map<String, String> query,
      Map<String, String> headers,
      Supplier<byte[]> content) {
    this.content = content;
    this.method = method;
    this.bucket = bucket;
    this.key = key;
    this.query = query;
    this.headers = headers;
    this.operation = operationOf();
  }

  private String operationOf() {
    boolean hasUpload = query.containsKey("uploadId");
    return switch (method) {
      case "GET" -> key.isEmpty() ? "ListObjectsV2" : "GetObject";
      case "HEAD" -> "HeadObject";
      case "PUT" -> hasUpload ? "UploadPart" : "PutObject";
      case "DELETE" -> hasUpload ? "AbortMultipartUpload" : "DeleteObject";
      case "POST" ->
          query.containsKey("uploads")
              ? "CreateMultipartUpload"
              : hasUpload ? "CompleteMultipartUpload" : "Post";
      default -> method;
    };
  }

  /** Such as {@code PUT}. */
  public String method() {
    return method;
  }

  /** Such as {@code PutObject}. */
  public String operation() {
    return operation;
  }

  /** The key in the bucket; of a listing, the prefix. */
  public String key() {
    return operation.equals("ListObjectsV2") ? query.getOrDefault("prefix", "") : key;
  }

  /** A header, by its name in lower case; "" if it has none. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** The same without this header. */
  public FakeCall without(String header) {
    Map<String, String> others = new TreeMap<>(headers);
    others.remove(header);
    return new FakeCall(method, bucket, key, query, others, content);
  }

  /** What the plainest store would not understand; "" for nothing. */
  String refusal() {
    for (String name : headers.keySet()) {
      if (name.startsWith("x-amz-") && !name.startsWith("x-amz-meta-") && !KNOWN.contains(name)) {
        return "header " + name;
      }
    }
    if (headers.getOrDefault("content-encoding", "").contains("aws-chunked")) {
      return "chunks";
    }
    if (headers.containsKey("expect")) {
      return "Expect";
    }
    boolean hasBody = method.equals("PUT") || method.equals("POST");
    return hasBody && !headers.containsKey("content-length") ? "a body without length" : "";
  }

  String keyId() {
    Matcher found = KEY_ID.matcher(headers.getOrDefault("authorization", ""));
    return found.find() ? found.group(1) : "";
  }

  /** The whole body; checked against its hash and length. */
  public synchronized byte[] body() {
    byte[] read = body;
    if (read == null) {
      read = content.get();
      body = read;
      String hash = headers.getOrDefault("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
      if (hash.length() == 64 && !hash.equals(HexFormat.of().formatHex(hash("SHA-256", read)))) {
        throw new FakeAnswer.Refused(400, "XAmzContentSHA256Mismatch");
      }
    }
    return read;
  }

  static byte[] hash(String algorithm, byte[] content) {
    try {
      return MessageDigest.getInstance(algorithm).digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
