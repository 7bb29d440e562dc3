package io.datashard.s3;

import io.datashard.s3.S3Failure.Meaning;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** The requests of S3 that we use, in one bucket. Each method sends one, once. */
final class Requests {
  /** In the object's own metadata: by it we know our own write when its answer was lost (I4). */
  private static final String TOKEN = "datashard-write";

  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");

  private final Client client;
  private final String bucket;

  Requests(Client client, String bucket) {
    this.client = client;
    this.bucket = bucket;
  }

  Client client() {
    return client;
  }

  String bucket() {
    return bucket;
  }

  /** Some of the SDK's calls. */
  private interface Call<T> {
    T on(S3Client s3);
  }

  private <T> T send(Call<T> call) throws S3Failure {
    S3Client s3 = client.ready();
    try {
      return call.on(s3);
    } catch (SdkException e) {
      throw S3Failure.of(e, client::clean);
    }
  }

  private static Consumer<AwsRequestOverrideConfiguration.Builder> within(Duration atMost) {
    return override -> override.apiCallAttemptTimeout(atMost);
  }

  // Writing

  /** A body that can be read from the start again, and leaves the buffer as it is. */
  static RequestBody bodyOf(ByteBuffer content) {
    ByteBuffer whole = content.asReadOnlyBuffer();
    return RequestBody.fromContentProvider(
        () -> new BufferStream(whole.duplicate()), whole.remaining(), "application/octet-stream");
  }

  /**
   * What a write asks for.
   *
   * @param isNew {@code If-None-Match: *}
   * @param eTag {@code If-Match} with this; "" for none
   */
  record Condition(boolean isNew, String eTag) {
    static final Condition NONE = new Condition(false, "");
    static final Condition NEW = new Condition(true, "");

    static Condition is(String eTag) {
      return new Condition(false, eTag);
    }
  }

  /**
   * @param token for {@link Found#token}; "" for none
   * @return what tells this content from another under the same key; "" if nothing does
   */
  String put(String key, RequestBody body, Condition condition, String token, Duration atMost)
      throws S3Failure {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(bucket).key(key).overrideConfiguration(within(atMost));
    S3Config config = client.config();
    config.encryption().ifPresent(request::serverSideEncryption);
    config.kmsKeyId().ifPresent(request::ssekmsKeyId);
    config.storageClass().ifPresent(request::storageClass);
    if (condition.isNew()) {
      request.ifNoneMatch("*");
    }
    if (!condition.eTag().isEmpty()) {
      request.ifMatch(condition.eTag());
    }
    if (!token.isEmpty()) {
      request.metadata(Map.of(TOKEN, token));
    }
    String eTag = send(s3 -> s3.putObject(request.build(), body).eTag());
    return eTag == null ? "" : eTag;
  }

  /** Starts an upload in parts; returns its id. */
  String startParts(String key, String token, Duration atMost) throws S3Failure {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder()
            .bucket(bucket)
            .key(key)
            .metadata(Map.of(TOKEN, token))
            .overrideConfiguration(within(atMost));
    S3Config config = client.config();
    config.encryption().ifPresent(request::serverSideEncryption);
    config.kmsKeyId().ifPresent(request::ssekmsKeyId);
    config.storageClass().ifPresent(request::storageClass);
    String upload = send(s3 -> s3.createMultipartUpload(request.build()).uploadId());
    if (upload == null || upload.isEmpty()) {
      throw S3Failure.unknown("an upload was begun and the answer does not name it");
    }
    return upload;
  }

  CompletedPart putPart(String key, String upload, int number, RequestBody body, Duration atMost)
      throws S3Failure {
    String eTag =
        send(
            s3 ->
                s3.uploadPart(
                        r ->
                            r.bucket(bucket)
                                .key(key)
                                .uploadId(upload)
                                .partNumber(number)
                                .overrideConfiguration(within(atMost)),
                        body)
                    .eTag());
    return CompletedPart.builder().partNumber(number).eTag(eTag).build();
  }

  void endParts(String key, String upload, List<CompletedPart> parts, Duration atMost)
      throws S3Failure {
    CompleteMultipartUploadResponse end =
        send(
            s3 ->
                s3.completeMultipartUpload(
                    r ->
                        r.bucket(bucket)
                            .key(key)
                            .uploadId(upload)
                            .multipartUpload(m -> m.parts(parts))
                            .overrideConfiguration(within(atMost))));
    if (end.key() == null && end.eTag() == null && end.location() == null) {
      throw S3Failure.unknown("the end of an upload was answered with nothing");
    }
  }

  void dropParts(String key, String upload, Duration atMost) throws S3Failure {
    send(
        s3 ->
            s3.abortMultipartUpload(
                r ->
                    r.bucket(bucket)
                        .key(key)
                        .uploadId(upload)
                        .overrideConfiguration(within(atMost))));
  }

  void delete(String key, Duration atMost) throws S3Failure {
    send(
        s3 ->
            s3.deleteObject(r -> r.bucket(bucket).key(key).overrideConfiguration(within(atMost))));
  }

  // Reading

  /** What is known of an object without its content. */
  record Found(long length, long modifiedMillis, String token) {}

  Found head(String key, Duration atMost) throws S3Failure {
    HeadObjectResponse head =
        send(
            s3 ->
                s3.headObject(
                    r -> r.bucket(bucket).key(key).overrideConfiguration(within(atMost))));
    Long length = head.contentLength();
    if (length == null) {
      throw S3Failure.unknown("the answer has no length");
    }
    Map<String, String> metadata = head.metadata();
    String token = metadata == null ? "" : metadata.getOrDefault(TOKEN, "");
    return new Found(length, millis(head.lastModified()), token);
  }

  /** Whole seconds: some stores tell more in a listing than of the object itself. */
  private static long millis(@Nullable Instant time) {
    return time == null ? 0 : time.getEpochSecond() * 1000;
  }

  /**
   * Bytes of an object.
   *
   * @param bytes null if there are more than asked for at most
   * @param length of the whole object
   * @param eTag what tells this content from another under the same key; "" if nothing does
   */
  record Got(byte @Nullable [] bytes, long length, String eTag) {}

  /** Which bytes of an object, both ends included. */
  record Range(long first, long last) {}

  /** The whole object, or null bytes if it is longer. */
  Got get(String key, long bytesMax, Duration atMost) throws S3Failure {
    return get(key, null, "", bytesMax, atMost);
  }

  /**
   * A range of an object.
   *
   * @param eTag of the content that is meant, or "" for any
   */
  Got get(String key, Range range, String eTag, Duration atMost) throws S3Failure {
    return get(key, range, eTag, range.last() - range.first() + 1, atMost);
  }

  private Got get(String key, @Nullable Range range, String eTag, long bytesMax, Duration atMost)
      throws S3Failure {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder().bucket(bucket).key(key).overrideConfiguration(within(atMost));
    if (range != null) {
      request.range("bytes=" + range.first() + "-" + range.last());
    }
    if (!eTag.isEmpty()) {
      request.ifMatch(eTag);
    }
    Body body = send(s3 -> s3.getObject(request.build(), (about, in) -> read(about, in, bytesMax)));
    return body.checked(range, bytesMax);
  }

  /** What arrived, not looked at yet. */
  private record Body(GetObjectResponse about, byte[] bytes, int length, boolean tooLong) {
    /** The transport hands over a body that was cut as if it were whole; so it is measured here. */
    Got checked(@Nullable Range range, long bytesMax) throws S3Failure {
      String eTag = about.eTag() == null ? "" : about.eTag();
      Long told = about.contentLength();
      long whole = told == null ? length : told;
      if (range != null) {
        whole = checkedRange(range);
      }
      if (tooLong) {
        return new Got(null, range == null ? Math.max(whole, bytesMax + 1) : whole, eTag);
      }
      if (told != null && told != length) {
        throw S3Failure.unknown("the answer was cut: " + length + " of " + told + " bytes came");
      }
      return new Got(
          bytes.length == length ? bytes : java.util.Arrays.copyOf(bytes, length), whole, eTag);
    }

    private long checkedRange(Range range) throws S3Failure {
      String answered = about.contentRange() == null ? "" : about.contentRange();
      Matcher parts = CONTENT_RANGE.matcher(answered);
      int status = about.sdkHttpResponse().statusCode();
      if (status != 206 || !parts.matches()) {
        throw S3Failure.refused(
            "the store answered a range with status "
                + status
                + " and Content-Range '"
                + answered
                + "'; it must know ranges to be read",
            null);
      }
      long total = Long.parseLong(parts.group(3));
      if (Long.parseLong(parts.group(1)) != range.first()
          || Long.parseLong(parts.group(2)) != Math.min(range.last(), total - 1)) {
        throw S3Failure.unknown(
            "the store was asked for bytes "
                + range.first()
                + "-"
                + range.last()
                + " and answered '"
                + answered
                + "'");
      }
      return total;
    }
  }

  private static Body read(GetObjectResponse about, AbortableInputStream in, long bytesMax)
      throws IOException {
    Long told = about.contentLength();
    if (told != null && told > bytesMax) {
      in.abort();
      in.close();
      return new Body(about, new byte[0], 0, true);
    }
    if (told == null) {
      byte[] all = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 16, bytesMax + 1));
      return new Body(about, all, all.length, all.length > bytesMax);
    }
    byte[] bytes = new byte[told.intValue()];
    int length = in.readNBytes(bytes, 0, bytes.length);
    // The JDK keeps a connection only if the end of the body was seen.
    boolean more = length == bytes.length && in.read() >= 0;
    return new Body(about, bytes, more ? length + 1 : length, false);
  }

  // Listing

  /**
   * One page of a listing.
   *
   * @param next where the next one starts; "" for the last
   */
  record Page(List<Item> items, String next) {}

  /** One object of a listing. */
  record Item(String key, long length, long modifiedMillis) {}

  /**
   * One page.
   *
   * @param flat whether keys with more slashes after the prefix are named too
   * @param next from the page before; "" for the first
   */
  Page list(String prefix, boolean flat, String next, Duration atMost) throws S3Failure {
    ListObjectsV2Response page =
        send(
            s3 ->
                s3.listObjectsV2(
                    r -> {
                      r.bucket(bucket)
                          .prefix(prefix)
                          .encodingType(EncodingType.URL)
                          .overrideConfiguration(within(atMost));
                      if (!flat) {
                        r.delimiter("/");
                      }
                      if (!next.isEmpty()) {
                        r.continuationToken(next);
                      }
                    }));
    // The SDK takes an answer that was cut to nothing, or is none of S3, for one without objects.
    if (page.isTruncated() == null && page.keyCount() == null && page.name() == null) {
      throw S3Failure.unknown("the answer to a listing is empty");
    }
    List<Item> items = new ArrayList<>();
    page.contents()
        .forEach(each -> items.add(new Item(each.key(), each.size(), millis(each.lastModified()))));
    for (Item item : items) {
      if (!item.key().startsWith(prefix)) {
        throw S3Failure.unknown(
            "a listing of '" + prefix + "' named '" + item.key() + "', which does not start so");
      }
    }
    String token = page.nextContinuationToken() == null ? "" : page.nextContinuationToken();
    boolean truncated = Boolean.TRUE.equals(page.isTruncated());
    if (truncated && (token.isEmpty() || token.equals(next))) {
      throw S3Failure.unknown("a listing says that it goes on, but not where");
    }
    return new Page(items, truncated ? token : "");
  }

  /** Whether a 404 is about the bucket rather than the key. */
  static boolean isNoBucket(S3Failure failure) {
    return failure.is(Meaning.MISSING)
        && failure.code().toLowerCase(Locale.ROOT).contains("bucket");
  }

  /** Reads a buffer, again from the mark. */
  private static final class BufferStream extends InputStream {
    private final ByteBuffer buffer;

    BufferStream(ByteBuffer buffer) {
      this.buffer = buffer;
      buffer.mark();
    }

    @Override
    public int read() {
      return buffer.hasRemaining() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int start, int length) {
      java.util.Objects.checkFromIndexSize(start, length, into.length);
      if (!buffer.hasRemaining()) {
        return length == 0 ? 0 : -1;
      }
      int count = Math.min(length, buffer.remaining());
      buffer.get(into, start, count);
      return count;
    }

    @Override
    public int available() {
      return buffer.remaining();
    }

    @Override
    public boolean markSupported() {
      return true;
    }

    @Override
    public synchronized void mark(int readLimit) {
      buffer.mark();
    }

    @Override
    public synchronized void reset() {
      buffer.reset();
    }
  }
}
