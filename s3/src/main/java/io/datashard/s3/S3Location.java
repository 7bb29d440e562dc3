package io.datashard.s3;

import io.datashard.storage.Locations;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bucket and a key in it.
 *
 * @param key without slash at the start or the end, never empty
 */
record S3Location(String bucket, String key) {
  private static final Pattern URI =
      Pattern.compile("s3[an]?://([^/]*)(?:/(.*))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** What providers allow, some a little more than others; no colon, slash, '?' or '@'. */
  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}");

  /** Plain text as Iceberg has it: nothing in it is decoded. */
  @Override
  public String toString() {
    return "s3://" + bucket + "/" + key;
  }

  /**
   * Where a table is.
   *
   * @throws IllegalArgumentException it is in no bucket; the message says what would be
   */
  static S3Location of(String location, S3Config config) {
    Matcher uri = URI.matcher(location);
    if (uri.matches()) {
      String key = uri.group(2) == null ? "" : withoutSlash(uri.group(2));
      if (key.isEmpty()) {
        throw new IllegalArgumentException(
            "'" + location + "' is a whole bucket; name a key in it: s3://bucket/table");
      }
      return new S3Location(checkedBucket(uri.group(1)), checkedKey(key, location));
    }
    String bucket = config.bucket().orElse("");
    if (location.startsWith("/")) {
      throw new IllegalArgumentException(
          "'"
              + location
              + "' could be a local folder or a key. Write file://"
              + location
              + " for the folder, or s3://"
              + (bucket.isEmpty() ? "bucket" : bucket)
              + location
              + " for the key.");
    }
    if (location.matches("(?s)[A-Za-z][A-Za-z0-9+.-]+:/.*")) {
      throw new IllegalArgumentException(
          "'" + location + "' is in no bucket: this store takes s3://bucket/key and names.");
    }
    if (bucket.isEmpty()) {
      throw new IllegalArgumentException(
          "'"
              + location
              + "' names no bucket, and "
              + S3Environment.BUCKET
              + " is not set. Set it, or write s3://bucket/"
              + location);
    }
    String name = checkedKey(withoutSlash(location), location);
    return new S3Location(bucket, config.prefix().isEmpty() ? name : config.prefix() + "/" + name);
  }

  static String checkedBucket(String bucket) {
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException(
          "a bucket's name has 2 to 255 letters, digits, '.', '_' and '-', got '" + bucket + "'");
    }
    return bucket;
  }

  private static String checkedKey(String key, String location) {
    if (!Locations.isKey(key)) {
      throw new IllegalArgumentException(
          "'"
              + location
              + "' is no key of a table: it has parts between single slashes, none of them empty,"
              + " '.' or '..'.");
    }
    return key;
  }

  private static String withoutSlash(String key) {
    return key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
  }
}
