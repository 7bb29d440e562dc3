package io.datashard.internal.metadata;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The table properties that DataShard knows, and what values they take. */
public final class TableProperties {
  /**
   * What an acknowledged commit outlives: {@code fsync}, power cuts too; {@code os}, only its
   * process, and nothing is synced. Given when the table is created; a commit cannot change it.
   */
  public static final String DURABILITY = "datashard.durability";

  public static final String DURABILITY_DEFAULT = "fsync";

  /** The random token of the commit attempt that wrote the version (I4); not for users. */
  public static final String COMMIT_TOKEN = "datashard.commit.token";

  /** Where the older snapshots are that the version does not list (I10); not for users. */
  public static final String HISTORY = "datashard.history";

  /** How many bytes a metadata file has at most when commits come fast, unless it must. */
  public static final String HEAD_BYTES = "datashard.history.head-bytes";

  public static final long HEAD_BYTES_DEFAULT = 24 << 10;

  /** What the table knows of the sources of appends that come once; not for users. */
  public static final String SOURCES = "datashard.sources";

  /** Which clean-ups of orphan files went over the table lately (I7); not for users. */
  public static final String FENCES = "datashard.fences";

  /** What commits set for themselves. */
  static final Set<String> SET_BY_COMMITS = Set.of(COMMIT_TOKEN, HISTORY, SOURCES, FENCES);

  /** Codec of new data files. */
  public static final String PARQUET_CODEC = "write.parquet.compression-codec";

  public static final String PARQUET_CODEC_DEFAULT = "zstd";

  /** Level of that codec; not set means the codec's default. */
  public static final String PARQUET_CODEC_LEVEL = "write.parquet.compression-level";

  /** At what size a writer starts the next data file. */
  public static final String TARGET_FILE_BYTES = "write.target-file-size-bytes";

  public static final long TARGET_FILE_BYTES_DEFAULT = 512L << 20;

  public static final String ROW_GROUP_BYTES = "write.parquet.row-group-size-bytes";
  public static final long ROW_GROUP_BYTES_DEFAULT = 128L << 20;

  public static final String PAGE_BYTES = "write.parquet.page-size-bytes";
  public static final long PAGE_BYTES_DEFAULT = 1L << 20;

  /** How long a commit is tried again after conflicts, milliseconds. */
  public static final String RETRY_MILLIS_MAX = "commit.retry.total-timeout-ms";

  public static final long RETRY_MILLIS_MAX_DEFAULT = 30 * 60_000L;

  /** How long the committer of a machine may be silent before others go on without it, ms. */
  public static final String SILENCE_MILLIS_MAX = "datashard.committer.silence-ms-max";

  public static final long SILENCE_MILLIS_MAX_DEFAULT = 1_000;

  /** So many metadata files are kept, the newest ones, however old. */
  public static final String VERSIONS_MIN = "datashard.history.versions-min";

  public static final long VERSIONS_MIN_DEFAULT = 32;

  /**
   * Of more metadata files than these each is kept for ten seconds only after the next one came.
   */
  public static final String VERSIONS_MAX = "datashard.history.versions-max";

  public static final long VERSIONS_MAX_DEFAULT = 1_024;

  /** So long a metadata file is kept after the next one came, milliseconds. */
  public static final String VERSION_MILLIS_MIN = "datashard.history.version-ms-min";

  public static final long VERSION_MILLIS_MIN_DEFAULT = 60_000;

  /** A source that was not used for longer may be forgotten to make room for others, ms. */
  public static final String ONCE_AGE_MILLIS_MAX = "datashard.once.age-ms-max";

  public static final long ONCE_AGE_MILLIS_MAX_DEFAULT = 30L * 24 * 3_600_000;

  /** Which column a name in a data file without field ids means; see {@link NameMapping}. */
  public static final String NAME_MAPPING = "schema.name-mapping.default";

  /**
   * What every table carries so that foreign engines leave its history and its files alone; set at
   * creation, not to be changed.
   */
  public static final Map<String, String> PINNED =
      Map.of(
          "gc.enabled", "false",
          "write.metadata.compression-codec", "none",
          "write.metadata.delete-after-commit.enabled", "false");

  private static final String OWN_PREFIX = "datashard.";

  private static final Map<String, Consumer<String>> CHECKS = new TreeMap<>();

  static {
    CHECKS.put(DURABILITY, value -> oneOf(DURABILITY, value, List.of("fsync", "os")));
    CHECKS.put(
        PARQUET_CODEC,
        value ->
            oneOf(PARQUET_CODEC, value, List.of("zstd", "snappy", "gzip", "lz4", "uncompressed")));
    CHECKS.put(PARQUET_CODEC_LEVEL, value -> number(PARQUET_CODEC_LEVEL, value, -131_072, 22));
    CHECKS.put(TARGET_FILE_BYTES, value -> number(TARGET_FILE_BYTES, value, 1 << 16, 1L << 40));
    CHECKS.put(ROW_GROUP_BYTES, value -> number(ROW_GROUP_BYTES, value, 1 << 16, 1L << 31));
    CHECKS.put(PAGE_BYTES, value -> number(PAGE_BYTES, value, 1 << 10, 1L << 30));
    CHECKS.put(RETRY_MILLIS_MAX, value -> number(RETRY_MILLIS_MAX, value, 0, Long.MAX_VALUE));
    CHECKS.put(SILENCE_MILLIS_MAX, value -> number(SILENCE_MILLIS_MAX, value, 300, 600_000));
    CHECKS.put(HEAD_BYTES, value -> number(HEAD_BYTES, value, 8 << 10, 1 << 20));
    CHECKS.put(VERSIONS_MIN, value -> number(VERSIONS_MIN, value, 2, 1_000_000));
    CHECKS.put(VERSIONS_MAX, value -> number(VERSIONS_MAX, value, 2, Long.MAX_VALUE));
    CHECKS.put(VERSION_MILLIS_MIN, value -> number(VERSION_MILLIS_MIN, value, 0, 1L << 40));
    CHECKS.put(ONCE_AGE_MILLIS_MAX, value -> number(ONCE_AGE_MILLIS_MAX, value, 1_000, 1L << 40));
    CHECKS.put(NAME_MAPPING, NameMapping::parse);
  }

  private TableProperties() {}

  /**
   * Checks one property that a user wants to set.
   *
   * @throws IllegalArgumentException a key under {@code datashard.} that is not known or not for
   *     users, a pinned property with another value, or a value that a known property does not take
   */
  public static void check(String key, String value) {
    String pinned = PINNED.get(key);
    if (pinned != null && !pinned.equals(value)) {
      throw new IllegalArgumentException(
          "Property '"
              + key
              + "' must be '"
              + pinned
              + "', not '"
              + value
              + "': foreign engines would otherwise delete or hide files that the table needs.");
    }
    if (SET_BY_COMMITS.contains(key)) {
      throw new IllegalArgumentException(
          "Property '" + key + "' is set by commits; it cannot be set by hand.");
    }
    if (key.startsWith(OWN_PREFIX) && !CHECKS.containsKey(key)) {
      List<String> known = CHECKS.keySet().stream().filter(k -> k.startsWith(OWN_PREFIX)).toList();
      throw new IllegalArgumentException(
          "Unknown property '" + key + "'. Known: " + String.join(", ", known) + ".");
    }
    BloomProperties.check(key, value);
    CHECKS.getOrDefault(key, ignored -> {}).accept(value);
  }

  /**
   * Checks that a user may remove this property.
   *
   * @throws IllegalArgumentException the table needs it
   */
  public static void checkRemoval(String key) {
    if (PINNED.containsKey(key) || SET_BY_COMMITS.contains(key) || key.equals(NAME_MAPPING)) {
      throw new IllegalArgumentException(
          "Property '" + key + "' cannot be removed: the table needs it.");
    }
    if (key.startsWith(OWN_PREFIX) && !CHECKS.containsKey(key)) {
      check(key, "");
    }
  }

  /** The properties without those that are DataShard's own business. */
  public static Map<String, String> visible(Map<String, String> properties) {
    Map<String, String> visible = new LinkedHashMap<>(properties);
    visible.keySet().removeAll(SET_BY_COMMITS);
    return Collections.unmodifiableMap(visible);
  }

  /** At what size, in bytes, a writer starts the next data file. */
  public static long targetFileBytes(Map<String, String> properties) {
    return number(properties, TARGET_FILE_BYTES, TARGET_FILE_BYTES_DEFAULT);
  }

  /** How many bytes a metadata file has at most when commits come fast, unless it must. */
  public static long headBytes(Map<String, String> properties) {
    return number(properties, HEAD_BYTES, HEAD_BYTES_DEFAULT);
  }

  /** How long, in milliseconds, a commit is tried again after conflicts. */
  public static long retryMillisMax(Map<String, String> properties) {
    return number(properties, RETRY_MILLIS_MAX, RETRY_MILLIS_MAX_DEFAULT);
  }

  /** How long, in milliseconds, the committer of a machine may be silent. */
  public static long silenceMillisMax(Map<String, String> properties) {
    return number(properties, SILENCE_MILLIS_MAX, SILENCE_MILLIS_MAX_DEFAULT);
  }

  /** How many metadata files are kept at least. */
  public static long versionsMin(Map<String, String> properties) {
    return number(properties, VERSIONS_MIN, VERSIONS_MIN_DEFAULT);
  }

  /** Of more metadata files than these each is kept for a shorter time. */
  public static long versionsMax(Map<String, String> properties) {
    return number(properties, VERSIONS_MAX, VERSIONS_MAX_DEFAULT);
  }

  /** How long, in milliseconds, a metadata file is kept at least after the next one came. */
  public static long versionMillisMin(Map<String, String> properties) {
    return number(properties, VERSION_MILLIS_MIN, VERSION_MILLIS_MIN_DEFAULT);
  }

  /** How long, in milliseconds, a source that is not used is certainly known. */
  public static long onceAgeMillisMax(Map<String, String> properties) {
    return number(properties, ONCE_AGE_MILLIS_MAX, ONCE_AGE_MILLIS_MAX_DEFAULT);
  }

  private static long number(Map<String, String> properties, String key, long otherwise) {
    String value = properties.get(key);
    if (value == null) {
      return otherwise;
    }
    check(key, value); // another engine may have set it
    return Long.parseLong(value);
  }

  static void oneOf(String key, String value, List<String> allowed) {
    if (!allowed.contains(value.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "Property '"
              + key
              + "' is '"
              + value
              + "'. Allowed: "
              + String.join(", ", allowed)
              + ".");
    }
  }

  static void number(String key, String value, long min, long max) {
    long number;
    try {
      number = Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Property '" + key + "' is '" + value + "', which is no whole number.", e);
    }
    if (number < min || number > max) {
      throw new IllegalArgumentException(
          "Property '" + key + "' is " + value + "; it must be " + min + ".." + max + ".");
    }
  }
}
