package io.datashard.interop;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.DataFile;
import io.datashard.table.OrphanFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The kinds of tables that we write. */
enum Shape {
  EVERY_TYPE {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 11, 0.15, 0.25);
      for (int i = 0; i < 4; i++) {
        built.append(sample.take(250));
      }
    }
  },
  ONE_ROW {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      built.append(new SampleRows(SampleRows.EVERY_TYPE, 12, 0, 0).take(1));
    }
  },
  ALL_NULL {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      built.append(new SampleRows(SampleRows.EVERY_TYPE, 13, 1, 0).take(50));
      built.append(new SampleRows(SampleRows.EVERY_TYPE, 14, 0.9, 0.5).take(50));
    }
  },
  ONLY_EDGES {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      built.append(new SampleRows(SampleRows.EVERY_TYPE, 15, 0, 1).take(400));
    }
  },
  EVERY_DECIMAL {
    @Override
    void fill(Built built) {
      Schema.Builder schema = Schema.builder();
      for (int precision = 1; precision <= 38; precision++) {
        schema.optional(
            "d" + precision, Type.decimal(precision, precision * precision % (precision + 1)));
      }
      Schema built38 = schema.build();
      built.create(built38, Map.of());
      built.append(new SampleRows(built38, 16, 0.1, 0.5).take(200));
    }
  },
  /** Beyond the years 1 to 9999, where Python's own date types end. */
  FAR_TIMES {
    @Override
    void fill(Built built) {
      built.create(TIMES, Map.of());
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      for (int year : new int[] {-250_000, -4712, -1, 0, 10_000, 20_000, 250_000}) {
        LocalDateTime time = LocalDateTime.of(year, 2, 28, 23, 59, 59, 123_456_000);
        rows.add(times(time.toLocalDate(), time, time.toInstant(ZoneOffset.UTC)));
      }
      built.append(rows);
    }
  },
  /** The first and the last value that the format can write. */
  FIRST_AND_LAST_TIMES {
    @Override
    void fill(Built built) {
      built.create(TIMES, Map.of());
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      for (long micros : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
        Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        LocalDate day = LocalDate.ofEpochDay(micros < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE);
        rows.add(times(day, LocalDateTime.ofInstant(instant, ZoneOffset.UTC), instant));
      }
      built.append(rows);
    }
  },
  NEVER_APPENDED {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
    }
  },
  EMPTIED {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      built.append(new SampleRows(SampleRows.EVERY_TYPE, 17, 0.1, 0.1).take(20));
      built.removeFilesOfSnapshot(0, List.of());
    }
  },
  /** More than a head lists by default: other engines see what it lists. */
  MANY_SNAPSHOTS {
    @Override
    void fill(Built built) {
      built.create(SMALL, Map.of("datashard.history.head-bytes", "1048576"));
      SampleRows sample = new SampleRows(SMALL, 18, 0.2, 0.2);
      for (int i = 0; i < 60; i++) {
        built.append(sample.take(1 + i % 3));
      }
    }
  },
  FILES_REMOVED {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 19, 0.1, 0.1);
      for (int i = 0; i < 4; i++) {
        built.append(sample.take(25));
      }
      built.removeFilesOfSnapshot(1, sample.take(10));
      built.append(sample.take(5));
      built.removeFilesOfSnapshot(0, List.of());
    }
  },
  PROPERTIES_CHANGED {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of("owner", "someone"));
      SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 20, 0.1, 0.1);
      for (String codec : List.of("zstd", "snappy", "gzip", "lz4", "uncompressed")) {
        built
            .table()
            .updateProperties()
            .set("write.parquet.compression-codec", codec)
            .set("note", "\u6f22\u5b57 \"quoted\"")
            .commit();
        built.append(sample.take(60));
      }
      built.table().updateProperties().remove("owner").commit();
    }
  },
  /** The newest version is the fence of a clean-up, which changes no data. */
  CLEANED_UP {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 26, 0.1, 0.1);
      built.append(sample.take(30));
      built.append(sample.take(30));
      built.cleanUp();
    }
  },
  /** Fences lie between the appends. */
  CLEANED_UP_AND_APPENDED {
    @Override
    void fill(Built built) {
      built.create(SampleRows.EVERY_TYPE, Map.of());
      SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 27, 0.1, 0.1);
      built.append(sample.take(30));
      built.removeFilesOfSnapshot(0, sample.take(20));
      built.cleanUp();
      built.append(sample.take(30));
      built.cleanUp();
      built.append(sample.take(5));
    }
  },
  MANY_PAGES_AND_ROW_GROUPS {
    @Override
    void fill(Built built) {
      built.create(
          SampleRows.EVERY_TYPE,
          Map.of(
              "write.parquet.row-group-size-bytes", "524288",
              "write.parquet.page-size-bytes", "8192"));
      SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 21, 0.1, 0.01);
      built.append(sample.take(8_000));
    }
  },
  SEVERAL_FILES_A_COMMIT {
    @Override
    void fill(Built built) {
      built.create(SMALL, Map.of("write.target-file-size-bytes", "65536"));
      built.append(new SampleRows(SMALL, 22, 0.1, 0.2).take(3_000));
    }
  },
  /** Bounds are cut: long common beginnings, and ends that cannot be rounded up. */
  LONG_VALUES {
    @Override
    void fill(Built built) {
      Schema schema =
          Schema.builder().required("text", Type.STRING).required("bin", Type.BINARY).build();
      built.create(schema, Map.of());
      for (String start :
          List.of(
              "a".repeat(15),
              "\uffff".repeat(16),
              Character.toString(0x10ffff).repeat(16),
              "a".repeat(15) + Character.toString(0x10ffff),
              "\ud7ff".repeat(20))) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (String end :
            List.of("", "a", "\uffff", Character.toString(0x1f600), "z".repeat(9_000))) {
          byte[] bytes = (start + end).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          byte[] high = bytes.clone();
          java.util.Arrays.fill(high, 0, Math.min(30, high.length), (byte) -1);
          rows.add(row("text", start + end, "bin", bytes));
          rows.add(row("text", end + start, "bin", high));
        }
        built.append(rows);
      }
    }
  },
  ODD_NAMES_AND_IDS {
    @Override
    void fill(Built built) {
      Schema schema =
          Schema.builder()
              .required(1_000, "with space", Type.LONG)
              .optional(3, "dotted.name", Type.STRING)
              .optional(17, "\u6f22\u5b57 \u00fc", Type.INT)
              .optional(2_000_000_000, "quote\"d 'both'", Type.DOUBLE)
              .optional(5, "select", Type.BOOLEAN)
              .optional(6, "1st", Type.DATE)
              .optional(7, "UPPER", Type.STRING)
              .optional(8, "_x41", Type.UUID)
              .optional(9, Character.toString(0x1f600), Type.decimal(5, 1))
              .optional(10, "a/b\\c", Type.TIMESTAMPTZ)
              .build();
      built.create(schema, Map.of());
      built.append(new SampleRows(schema, 23, 0.1, 0.2).take(50));
    }
  },
  WIDE {
    @Override
    void fill(Built built) {
      Schema.Builder schema = Schema.builder();
      IntStream.range(0, 200)
          .forEach(i -> schema.optional("c" + i, i % 2 == 0 ? Type.LONG : Type.STRING));
      Schema wide = schema.build();
      built.create(wide, Map.of());
      built.append(new SampleRows(wide, 24, 0.1, 0.02).take(20));
    }
  },
  PATH_WITH_SPACES("with  two spaces"),
  PATH_IN_UNICODE("\u00fcn\u00efc\u00f6d\u00e9 \u6f22\u5b57 " + Character.toString(0x1f600)),
  PATH_WITH_PERCENT("100%25 %zz %20"),
  PATH_WITH_HASH("hash#tag"),
  PATH_WITH_QUESTION("what?really=yes&no"),
  PATH_WITH_SIGNS("a+b=c,d;e'f(g)~!@$^{}"),
  PATH_WITH_BRACKETS("star*[1]");

  static final Schema SMALL =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("text", Type.STRING)
          .optional("d", Type.DOUBLE)
          .optional("tstz", Type.TIMESTAMPTZ)
          .build();

  static final Schema TIMES =
      Schema.builder()
          .optional("day", Type.DATE)
          .optional("ts", Type.TIMESTAMP)
          .optional("tstz", Type.TIMESTAMPTZ)
          .build();

  private final String folder;

  Shape() {
    this.folder = name().toLowerCase(java.util.Locale.ROOT);
  }

  Shape(String folder) {
    this.folder = folder;
  }

  void fill(Built built) {
    built.create(SampleRows.EVERY_TYPE, Map.of());
    SampleRows sample = new SampleRows(SampleRows.EVERY_TYPE, 25, 0.1, 0.1);
    built.append(sample.take(30));
    built.append(sample.take(30));
  }

  /** Writes the table under this folder. */
  Built write(Path under) {
    Built built = new Built(under.resolve(folder));
    fill(built);
    return built;
  }

  private static Map<String, @Nullable Object> times(
      LocalDate day, LocalDateTime time, Instant instant) {
    return row("day", day, "ts", time, "tstz", instant);
  }

  private static Map<String, @Nullable Object> row(Object... namesAndValues) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return row;
  }

  /** A table that was written, and what must be in it. */
  static final class Built {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Path folder;
    private @Nullable Table table;
    private final List<Long> snapshots = new ArrayList<>();
    private final Map<Long, List<Map<String, @Nullable Object>>> rowsAt = new HashMap<>();
    private List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    private @Nullable Answer truth;
    private final List<List<Map<String, @Nullable Object>>> appended = new ArrayList<>();

    Built(Path folder) {
      this.folder = folder;
    }

    Path folder() {
      return folder;
    }

    Table table() {
      return java.util.Objects.requireNonNull(table);
    }

    Schema schema() {
      return table().schema();
    }

    /** The rows of the current snapshot. */
    List<Map<String, @Nullable Object>> rows() {
      return rows;
    }

    Answer truth() {
      Answer known = truth;
      if (known == null) {
        known = SampleRows.answer(schema(), rows);
        truth = known;
      }
      return known;
    }

    /** Whether reading it takes hardly any time. */
    boolean isSmall() {
      return rows.size() * schema().size() <= 2_000;
    }

    /** The ids of all snapshots, oldest first. */
    List<Long> snapshots() {
      return snapshots;
    }

    Answer truthAt(long snapshot) {
      return SampleRows.answer(schema(), java.util.Objects.requireNonNull(rowsAt.get(snapshot)));
    }

    void create(Schema schema, Map<String, String> properties) {
      var made = DataShard.newTable(folder, schema).mustBeNew();
      properties.forEach(made::property);
      table = made.create();
    }

    void append(List<Map<String, @Nullable Object>> more) {
      long snapshot = table().append(more).snapshotId();
      rows = new ArrayList<>(rows);
      rows.addAll(more);
      appended.add(more);
      remember(snapshot);
    }

    /** Removes what the n-th append added, and adds other rows, in one transaction. */
    void removeFilesOfSnapshot(int n, List<Map<String, @Nullable Object>> more) {
      long snapshot;
      try (Transaction transaction = table().newTransaction()) {
        transaction.removeFiles(filesAddedBy(snapshots.get(n)));
        if (!more.isEmpty()) {
          transaction.append(more);
        }
        snapshot = transaction.commit().snapshotId();
      }
      List<Map<String, @Nullable Object>> left = new ArrayList<>(rows);
      for (Map<String, @Nullable Object> gone : appended.get(n)) {
        left.removeIf(row -> row == gone);
      }
      left.addAll(more);
      rows = left;
      remember(snapshot);
    }

    /** Deletes a file that a dead writer may have left, and leaves a fence. */
    void cleanUp() {
      long version = table().version();
      Path orphan = folder.resolve("data/00112233445566778899aabbccddeeff-0.parquet");
      try {
        Files.writeString(orphan, "rows that nobody names");
        Thread.sleep(GRACE.toMillis() + 100);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      OrphanFiles deleted = table().removeOrphanFiles().olderThan(GRACE).run();
      if (deleted.files().size() != 1 || Files.exists(orphan)) {
        throw new AssertionError("the clean-up deleted " + deleted + ", not " + orphan);
      }
      if (table().version() != version + 1) {
        throw new AssertionError("version " + table().version() + " came after " + version);
      }
    }

    private List<String> filesAddedBy(long snapshot) {
      long first = snapshots.get(0);
      List<String> before =
          snapshot == first ? List.of() : locations(snapshots.get(snapshots.indexOf(snapshot) - 1));
      return locations(snapshot).stream().filter(file -> !before.contains(file)).toList();
    }

    private List<String> locations(long snapshot) {
      try (Stream<DataFile> files = table().dataFiles(table().snapshot(snapshot))) {
        return files.map(DataFile::location).toList();
      }
    }

    private void remember(long snapshot) {
      truth = null;
      snapshots.add(snapshot);
      rowsAt.put(snapshot, rows);
    }
  }

  /** All columns of a schema but those of some types. */
  static Schema without(Schema schema, Type.Kind... kinds) {
    List<Type.Kind> left = List.of(kinds);
    List<Field> fields =
        schema.fields().stream().filter(f -> !left.contains(f.type().kind())).toList();
    return Schema.of(fields);
  }
}
