package io.datashard.testkit.s3;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The buckets of {@link FakeS3} and what can be done with them. */
public final class FakeBuckets {
  /** What a store does with {@code If-None-Match: *}. */
  public enum Conditions {
    /** Keeps it: of several writers one wins. */
    KEPT,
    /** Writes all the same, as if it were not there. */
    IGNORED,
    /** Looks when the request begins and writes when it ends. */
    EARLY,
    /** Says 501. */
    UNKNOWN
  }

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
  private static final Pattern PART = Pattern.compile("<Part>.*?</Part>", Pattern.DOTALL);
  private static final Pattern PART_NUMBER = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");
  private static final Pattern PART_TAG =
      Pattern.compile("<ETag>(?:\"|&quot;)?([0-9a-f]+)(?:\"|&quot;)?</ETag>");

  volatile Conditions conditions = Conditions.KEPT;

  private final Map<String, Bucket> buckets = new HashMap<>();
  private final Map<String, Upload> uploads = new HashMap<>();
  private int lastUpload;

  /** The objects of a bucket. */
  record Bucket(NavigableMap<String, Entry> objects) {}

  /** One object. */
  record Entry(byte[] content, String eTag, Instant modified, Map<String, String> metadata) {}

  /** Parts of an object to be. */
  private record Upload(
      String bucket, String key, Map<String, String> metadata, Map<Integer, byte[]> parts) {}

  synchronized Bucket of(String name) {
    Bucket bucket = buckets.computeIfAbsent(name, each -> new Bucket(new TreeMap<>()));
    return new Bucket(new TreeMap<>(bucket.objects()));
  }

  private @Nullable Entry find(FakeCall call) {
    Bucket bucket = buckets.get(call.bucket);
    return bucket == null ? null : bucket.objects().get(call.key);
  }

  synchronized int openUploads() {
    return uploads.size();
  }

  synchronized String put(
      String bucket, String key, byte[] content, Map<String, String> metadata, String suffix) {
    String eTag = "\"" + HexFormat.of().formatHex(FakeCall.hash("MD5", content)) + suffix + "\"";
    buckets
        .computeIfAbsent(bucket, each -> new Bucket(new TreeMap<>()))
        .objects()
        .put(key, new Entry(content, eTag, Instant.now(), metadata));
    return eTag;
  }

  private static Map<String, String> metadataOf(FakeCall call) {
    Map<String, String> metadata = new LinkedHashMap<>();
    call.headers.forEach(
        (name, value) -> {
          if (name.startsWith("x-amz-meta-")) {
            metadata.put(name, value);
          }
        });
    return metadata;
  }

  FakeAnswer putObject(FakeCall call) {
    String condition = call.headers.getOrDefault("if-none-match", "");
    String match = call.headers.getOrDefault("if-match", "");
    if (!match.isEmpty() && conditions != Conditions.IGNORED) {
      return replaceObject(call, match);
    }
    if (condition.isEmpty() || conditions == Conditions.IGNORED) {
      byte[] content = call.body();
      return FakeAnswer.empty(200)
          .with("ETag", put(call.bucket, call.key, content, metadataOf(call), ""));
    }
    if (conditions == Conditions.UNKNOWN || !condition.equals("*")) {
      call.body();
      throw new FakeAnswer.Refused(501, "NotImplemented");
    }
    synchronized (this) {
      if (conditions == Conditions.EARLY && find(call) != null) {
        call.body();
        throw new FakeAnswer.Refused(412, "PreconditionFailed");
      }
    }
    byte[] content = call.body();
    synchronized (this) {
      if (conditions == Conditions.KEPT && find(call) != null) {
        throw new FakeAnswer.Refused(412, "PreconditionFailed");
      }
      return FakeAnswer.empty(200)
          .with("ETag", put(call.bucket, call.key, content, metadataOf(call), ""));
    }
  }

  private FakeAnswer replaceObject(FakeCall call, String match) {
    byte[] content = call.body();
    if (conditions == Conditions.UNKNOWN) {
      throw new FakeAnswer.Refused(501, "NotImplemented");
    }
    synchronized (this) {
      Entry found = find(call);
      if (found == null) {
        throw new FakeAnswer.Refused(404, "NoSuchKey");
      }
      if (!match.equals(found.eTag())) {
        throw new FakeAnswer.Refused(412, "PreconditionFailed");
      }
      return FakeAnswer.empty(200)
          .with("ETag", put(call.bucket, call.key, content, metadataOf(call), ""));
    }
  }

  synchronized FakeAnswer getObject(FakeCall call) {
    call.body();
    Entry found = find(call);
    if (found == null) {
      throw new FakeAnswer.Refused(404, "NoSuchKey");
    }
    String match = call.headers.getOrDefault("if-match", "");
    if (!match.isEmpty() && !match.equals(found.eTag())) {
      throw new FakeAnswer.Refused(412, "PreconditionFailed");
    }
    byte[] content = found.content();
    int status = 200;
    String contentRange = "";
    Matcher range = RANGE.matcher(call.headers.getOrDefault("range", ""));
    if (range.matches()) {
      long first = Long.parseLong(range.group(1));
      if (first >= content.length) {
        throw new FakeAnswer.Refused(416, "InvalidRange");
      }
      int end = (int) Math.min(content.length, Long.parseLong(range.group(2)) + 1);
      contentRange = "bytes " + first + "-" + (end - 1) + "/" + content.length;
      content = Arrays.copyOfRange(content, (int) first, end);
      status = 206;
    }
    FakeAnswer answer = FakeAnswer.empty(status).withBody(content);
    found.metadata().forEach(answer::with);
    answer.with("ETag", found.eTag()).with("Last-Modified", HTTP_DATE.format(found.modified()));
    if (status == 206) {
      answer.with("Content-Range", contentRange);
    }
    return answer;
  }

  synchronized FakeAnswer deleteObject(FakeCall call) {
    call.body();
    Bucket bucket = buckets.get(call.bucket);
    if (bucket != null) {
      bucket.objects().remove(call.key);
    }
    return FakeAnswer.empty(204);
  }

  synchronized FakeAnswer list(FakeCall call, int pageKeys) {
    call.body();
    String prefix = call.query.getOrDefault("prefix", "");
    String delimiter = call.query.getOrDefault("delimiter", "");
    String after = call.query.getOrDefault("continuation-token", "");
    boolean encode = call.query.getOrDefault("encoding-type", "").equals("url");
    StringBuilder contents = new StringBuilder();
    TreeSet<String> folders = new TreeSet<>();
    int count = 0;
    String last = "";
    boolean truncated = false;
    for (Map.Entry<String, Entry> each :
        of(call.bucket).objects().tailMap(after, false).entrySet()) {
      String key = each.getKey();
      if (!key.startsWith(prefix)) {
        continue;
      }
      if (count == pageKeys) {
        truncated = true;
        break;
      }
      int slash = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      last = key;
      if (slash >= 0) {
        folders.add(key.substring(0, slash + 1));
        continue;
      }
      count++;
      contents
          .append("<Contents><Key>")
          .append(shown(key, encode))
          .append("</Key><LastModified>")
          .append(DateTimeFormatter.ISO_INSTANT.format(each.getValue().modified()))
          .append("</LastModified><ETag>")
          .append(FakeAnswer.escaped(each.getValue().eTag()))
          .append("</ETag><Size>")
          .append(each.getValue().content().length)
          .append("</Size></Contents>");
    }
    for (String folder : folders) {
      contents
          .append("<CommonPrefixes><Prefix>")
          .append(shown(folder, encode))
          .append("</Prefix></CommonPrefixes>");
    }
    return FakeAnswer.xml(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>"
            + (encode ? "<EncodingType>url</EncodingType>" : "")
            + "<Prefix>"
            + shown(prefix, encode)
            + "</Prefix><KeyCount>"
            + count
            + "</KeyCount><IsTruncated>"
            + truncated
            + "</IsTruncated>"
            + (truncated
                ? "<NextContinuationToken>" + FakeAnswer.escaped(last) + "</NextContinuationToken>"
                : "")
            + contents
            + "</ListBucketResult>");
  }

  private static String shown(String key, boolean encode) {
    return encode
        ? URLEncoder.encode(key, StandardCharsets.UTF_8).replace("%2F", "/")
        : FakeAnswer.escaped(key);
  }

  synchronized FakeAnswer startUpload(FakeCall call) {
    call.body();
    String id = "upload-" + ++lastUpload;
    uploads.put(id, new Upload(call.bucket, call.key, metadataOf(call), new TreeMap<>()));
    return FakeAnswer.xml(
        "<InitiateMultipartUploadResult><UploadId>"
            + id
            + "</UploadId></InitiateMultipartUploadResult>");
  }

  private Upload upload(FakeCall call) {
    Upload found = uploads.get(call.query.get("uploadId"));
    if (found == null) {
      throw new FakeAnswer.Refused(404, "NoSuchUpload");
    }
    return found;
  }

  FakeAnswer putPart(FakeCall call) {
    byte[] content = call.body();
    synchronized (this) {
      upload(call).parts().put(Integer.parseInt(call.query.get("partNumber")), content);
      return FakeAnswer.empty(200)
          .with("ETag", "\"" + HexFormat.of().formatHex(FakeCall.hash("MD5", content)) + "\"");
    }
  }

  FakeAnswer endUpload(FakeCall call) {
    String asked = new String(call.body(), StandardCharsets.UTF_8);
    synchronized (this) {
      Upload upload = upload(call);
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      int count = 0;
      for (Matcher part = PART.matcher(asked); part.find(); count++) {
        Matcher number = PART_NUMBER.matcher(part.group());
        Matcher tag = PART_TAG.matcher(part.group());
        if (!number.find() || !tag.find()) {
          throw new FakeAnswer.Refused(400, "MalformedXML");
        }
        byte[] content = upload.parts().get(Integer.parseInt(number.group(1)));
        if (content == null
            || !tag.group(1).equals(HexFormat.of().formatHex(FakeCall.hash("MD5", content)))) {
          throw new FakeAnswer.Refused(400, "InvalidPart");
        }
        whole.writeBytes(content);
      }
      uploads.remove(call.query.get("uploadId"));
      put(upload.bucket(), upload.key(), whole.toByteArray(), upload.metadata(), "-" + count);
      return FakeAnswer.xml(
          "<CompleteMultipartUploadResult><Key>"
              + FakeAnswer.escaped(upload.key())
              + "</Key></CompleteMultipartUploadResult>");
    }
  }

  synchronized FakeAnswer dropUpload(FakeCall call) {
    call.body();
    upload(call);
    uploads.remove(call.query.get("uploadId"));
    return FakeAnswer.empty(204);
  }
}
