package io.datashard.internal.manifest;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.manifest.RecordProgram.Step;
import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.Content;
import io.datashard.table.ManifestFile.Counts;
import io.datashard.table.ManifestFile.PartitionSummary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads manifest lists of format v1 and v2 by any writer. Spec: "Manifest Lists". */
public final class ManifestListReader {
  private static final int CONTAINS_NULL = 509;
  private static final int LOWER_BOUND = 510;
  private static final int UPPER_BOUND = 511;
  private static final int CONTAINS_NAN = 518;

  private final RecordProgram manifest;
  private final @Nullable RecordProgram summary;

  private ManifestListReader(AvroType schema) {
    manifest = RecordProgram.of(schema, id -> id >= 500 && id <= 519 && id != 518);
    manifest.required(500, "manifest_path", AvroType.Kind.STRING);
    manifest.required(501, "manifest_length", AvroType.Kind.LONG, AvroType.Kind.INT);
    manifest.required(502, "partition_spec_id", AvroType.Kind.INT);
    manifest.required(503, "added_snapshot_id", AvroType.Kind.LONG);
    manifest.optional(517, "content", AvroType.Kind.INT);
    for (int id : new int[] {504, 505, 506}) {
      manifest.optional(id, "files count", AvroType.Kind.INT);
    }
    for (int id : new int[] {512, 513, 514, 515, 516}) {
      manifest.optional(id, "rows count or number", AvroType.Kind.LONG, AvroType.Kind.INT);
    }
    manifest.optional(507, "partitions", AvroType.Kind.ARRAY);
    Step list = manifest.step(507);
    summary = list == null ? null : summaryProgram(list.type().items());
  }

  private static RecordProgram summaryProgram(AvroType item) {
    RecordProgram program = RecordProgram.of(item, id -> id >= CONTAINS_NULL && id <= 518);
    program.required(CONTAINS_NULL, "contains_null", AvroType.Kind.BOOLEAN);
    program.optional(CONTAINS_NAN, "contains_nan", AvroType.Kind.BOOLEAN);
    program.optional(LOWER_BOUND, "lower_bound", AvroType.Kind.BYTES);
    program.optional(UPPER_BOUND, "upper_bound", AvroType.Kind.BYTES);
    return program;
  }

  /**
   * Reads one manifest list.
   *
   * @param bytes the whole file
   * @param fileName named in errors
   * @throws CorruptTableException the file is damaged
   * @throws UnsupportedTableException it lists a delete manifest with live files, or an encrypted
   *     manifest
   */
  public static ManifestList read(byte[] bytes, String fileName) {
    AvroFile file = new AvroFile(bytes, fileName);
    ManifestListReader reader;
    try {
      reader = new ManifestListReader(file.writerSchema());
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          fileName + " is no manifest list: " + e.getMessage() + ".", e);
    }
    List<ManifestFile> manifests = new ArrayList<>();
    file.forEach(in -> manifests.add(reader.readManifest(in)));
    String recorded = file.text(ManifestListWriter.MANIFESTS);
    if (recorded != null && !recorded.equals(Integer.toString(manifests.size()))) {
      throw new CorruptTableException(
          fileName
              + " lists "
              + manifests.size()
              + " manifests, but its header says "
              + recorded
              + ".");
    }
    return new ManifestList(manifests, file.headerTexts());
  }

  private ManifestFile readManifest(AvroInput in) {
    @Nullable String path = null;
    long[] numbers = new long[16]; // fields 501..516 by id, less 501
    Arrays.fill(numbers, -1);
    numbers[515 - 501] = 0; // format v1 has no sequence numbers
    numbers[516 - 501] = 0;
    int content = 0;
    boolean encrypted = false;
    List<PartitionSummary> partitions = List.of();
    for (Step step : manifest.steps()) {
      if (step.hasValue(in)) {
        switch (step.id()) {
          case 500 -> path = in.readString();
          case 507 -> partitions = readSummaries(in);
          case 517 -> content = in.readInt();
          case 519 -> {
            step.type().skip(in);
            encrypted = true;
          }
          case 502, 504, 505, 506 -> numbers[step.id() - 501] = in.readInt();
          case 501, 503, 512, 513, 514, 515, 516 -> numbers[step.id() - 501] = in.readLong();
          default -> step.type().skip(in);
        }
      }
    }
    if (path == null || numbers[0] < 0 || content < 0 || content > 1) {
      throw in.corrupt(
          "a manifest has the path "
              + path
              + ", the length "
              + numbers[0]
              + " and the content "
              + content);
    }
    if (encrypted) {
      throw new UnsupportedTableException(
          in.fileName() + " lists the encrypted manifest " + path + "; DataShard has no keys.");
    }
    ManifestFile read =
        new ManifestFile(
            path,
            numbers[0],
            (int) numbers[502 - 501],
            content == 0 ? Content.DATA : Content.DELETES,
            numbers[515 - 501],
            numbers[516 - 501],
            numbers[503 - 501],
            counts(numbers),
            partitions);
    refuseDeletes(read, in.fileName());
    return read;
  }

  private static Counts counts(long[] numbers) {
    return new Counts(
        (int) Math.max(-1, numbers[504 - 501]),
        (int) Math.max(-1, numbers[505 - 501]),
        (int) Math.max(-1, numbers[506 - 501]),
        Math.max(-1, numbers[512 - 501]),
        Math.max(-1, numbers[513 - 501]),
        Math.max(-1, numbers[514 - 501]));
  }

  /** Refused here and not where it is read: a scan that prunes it would return deleted rows. */
  private static void refuseDeletes(ManifestFile manifest, String fileName) {
    if (manifest.content() == Content.DELETES && ManifestReader.mayHaveLiveFiles(manifest)) {
      throw new UnsupportedTableException(
          fileName
              + " lists the delete manifest "
              + manifest.location()
              + "; DataShard does not apply delete files yet. Rewrite the table's data files with"
              + " the engine that deleted the rows.");
    }
  }

  private List<PartitionSummary> readSummaries(AvroInput in) {
    List<PartitionSummary> all = new ArrayList<>(1);
    for (long n = in.readBlockCount(1); n != 0; n = in.readBlockCount(1)) {
      for (long i = 0; i < n; i++) {
        all.add(readSummary(in));
      }
    }
    return all;
  }

  private PartitionSummary readSummary(AvroInput in) {
    @Nullable Boolean containsNull = null;
    @Nullable Boolean containsNan = null;
    @Nullable ByteBuffer lower = null;
    @Nullable ByteBuffer upper = null;
    List<Step> steps = summary == null ? List.of() : summary.steps();
    for (Step step : steps) {
      if (step.hasValue(in)) {
        switch (step.id()) {
          case CONTAINS_NULL -> containsNull = in.readBoolean();
          case CONTAINS_NAN -> containsNan = in.readBoolean();
          case LOWER_BOUND -> lower = ByteBuffer.wrap(in.readBytes()).asReadOnlyBuffer();
          case UPPER_BOUND -> upper = ByteBuffer.wrap(in.readBytes()).asReadOnlyBuffer();
          default -> step.type().skip(in);
        }
      }
    }
    if (containsNull == null) {
      throw in.corrupt("a partition summary has no contains_null");
    }
    return new PartitionSummary(containsNull, containsNan, lower, upper);
  }
}
