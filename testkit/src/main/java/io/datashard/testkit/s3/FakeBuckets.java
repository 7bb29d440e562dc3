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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Buckets and what can be done with them: what {@link FakeS3} does behind its HTTP server. */
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
  volatile LongSupplier clockMillis = System::currentTimeMillis;

  /** A listing has so many keys a page. */
  volatile int pageKeys = 1000;

  private final Function<String, Shelf> makeShelf;
  private final Map<String, Shelf> shelves = new HashMap<>();
  private final Map<String, Upload> uploads = new HashMap<>();
  private int lastUpload;

  /** Where the objects of one bucket are kept. */
  public interface Shelf {
    /** All of them by key, to look at. */
    NavigableMap<String, Entry> objects();

    /** Puts an object in the place of what is there. */
    void put(String key, Entry entry);

    /** Takes an object away, if it is there. */
    void remove(String key);

    /** What clock says when an object came. */
    Instant now();
  }

  private final class Memory implements Shelf {
    private final NavigableMap<String, Entry> objects = new TreeMap<>();

    @Override
    public NavigableMap<String, Entry> objects() {
      return objects;
    }

    @Override
    public void put(String key, Entry entry) {
      objects.put(key, entry);
    }

    @Override
    public void remove(String key) {
      objects.remove(key);
    }

    @Override
    public Instant now() {
      return Instant.ofEpochMilli(clockMillis.getAsLong());
    }
  }

  /** One object. */
  public record Entry(
      byte[] content, String eTag, Instant modified, Map<String, String> metadata) {}

  /** Parts of an object to be. */
  private record Upload(
      String bucket, String key, Map<String, String> metadata, Map<Integer, byte[]> parts) {}

  FakeBuckets() {
    this.makeShelf = bucket -> new Memory();
  }

  /**
   * Buckets whose objects are kept elsewhere.
   *
   * @param makeShelf makes a bucket when it is first named
   * @param pageKeys so many keys a page has a listing
   */
  public FakeBuckets(Function<String, Shelf> makeShelf, int pageKeys) {
    this.makeShelf = makeShelf;
    this.pageKeys = pageKeys;
  }

  private Shelf shelf(String bucket) {
    return shelves.computeIfAbsent(bucket, makeShelf);
  }

  synchronized List<String> keys(String bucket) {
    return List.copyOf(shelf(bucket).objects().keySet());
  }

  synchronized String content(String bucket, String key) {
    Entry found = shelf(bucket).objects().get(key);
    return found == null ? "" : new String(found.content(), StandardCharsets.UTF_8);
  }

  private @Nullable Entry find(FakeCall call) {
    return shelf(call.bucket).objects().get(call.key);
  }

  synchronized int openUploads() {
    return uploads.size();
  }

  /** Does what is asked. */
  public FakeAnswer answer(FakeCall call) {
    try {
      String refusal = call.refusal();
      if (!refusal.isEmpty()) {
        call.body();
        return FakeAnswer.error(501, "NotImplemented: " + refusal, call.method);
      }
      return switch (call.operation) {
        case "PutObject" -> putObject(call);
        case "GetObject", "HeadObject" -> getObject(call);
        case "DeleteObject" -> deleteObject(call);
        case "ListObjectsV2" -> list(call);
        case "CreateMultipartUpload" -> startUpload(call);
        case "UploadPart" -> putPart(call);
        case "CompleteMultipartUpload" -> endUpload(call);
        case "AbortMultipartUpload" -> dropUpload(call);
        default -> FakeAnswer.error(501, "NotImplemented", call.method);
      };
    } catch (FakeAnswer.Refused e) {
      return FakeAnswer.error(e.status(), e.code(), call.method);
    }
  }

  synchronized String put(
      String bucket, String key, byte[] content, Map<String, String> metadata, String suffix) {
    String eTag = "\"" + HexFormat.of().formatHex(FakeCall.hash("MD5", content)) + suffix + "\"";
    Shelf shelf = shelf(bucket);
    shelf.put(key, new Entry(content, eTag, shelf.now(), metadata));
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

  private FakeAnswer putObject(FakeCall call) {
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

  private synchronized FakeAnswer getObject(FakeCall call) {
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

  private synchronized FakeAnswer deleteObject(FakeCall call) {
    call.body();
    shelf(call.bucket).remove(call.key);
    return FakeAnswer.empty(204);
  }

  private synchronized FakeAnswer list(FakeCall call) {
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
    NavigableMap<String, Entry> objects = shelf(call.bucket).objects();
    for (Map.Entry<String, Entry> each :
        (after.compareTo(prefix) < 0
                ? objects.tailMap(prefix, true)
                : objects.tailMap(after, false))
            .entrySet()) {
      String key = each.getKey();
      if (!key.startsWith(prefix)) {
        break;
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

  private synchronized FakeAnswer startUpload(FakeCall call) {
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

  private FakeAnswer putPart(FakeCall call) {
    byte[] content = call.body();
    synchronized (this) {
      upload(call).parts().put(Integer.parseInt(call.query.get("partNumber")), content);
      return FakeAnswer.empty(200)
          .with("ETag", "\"" + HexFormat.of().formatHex(FakeCall.hash("MD5", content)) + "\"");
    }
  }

  private FakeAnswer endUpload(FakeCall call) {
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

  private synchronized FakeAnswer dropUpload(FakeCall call) {
    call.body();
    upload(call);
    uploads.remove(call.query.get("uploadId"));
    return FakeAnswer.empty(204);
  }
}
