package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.internal.env.Env;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Batches into as many data files as their size, their partitions and the memory ask for.
 *
 * <p>Rows of a table without partitions and order are written as they come. All others are gathered
 * in memory, partition by partition. What is gathered of a partition becomes, when it is enough or
 * memory is short, a sorted file of its own, or goes to the open file of the partition if rows are
 * not sorted. So a file is sorted from end to end, few are open at a time, and memory is bounded
 * however many partitions there are; the files get smaller instead.
 *
 * <p>No file exists before the first row. A file that is full is made durable at once, so that a
 * long append does not pile up dirty pages; the last ones are left to the commit, which syncs them
 * together with their manifest.
 */
public final class DataFileWriter implements AutoCloseable {
  /** What {@link #open} gives, in any partition. */
  private static final Pattern NAME = Pattern.compile("data/(?:.*/)?[0-9a-f]{32}-[0-9]+\\.parquet");

  /** Rows gathered in memory take no more, for all partitions together. */
  static final long GATHERED_BYTES_MAX = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16);

  /** So much of one partition goes to its open file. */
  private static final long ENOUGH_BYTES = Math.min(4L << 20, GATHERED_BYTES_MAX / 4);

  /** Files that take unsorted rows at a time. */
  private static final int OPEN_FILES_MAX = 4;

  /** Files that wait, with their descriptors, for the commit to sync them. */
  private static final int PENDING_FILES_MAX = 64;

  /** Rows that are gathered, or written, before sizes are looked at again. */
  private static final int ROWS_STEP = 4_096;

  /** What the arrays of an empty column may take. */
  private static final long COLUMN_BYTES = 256;

  private final Storage storage;
  private final Schema schema;
  private final PartitionSpec spec;
  private final SortOrder order;
  private final FileSettings settings;
  private final String unique;
  private final long gatheredBytesMax;
  private final @Nullable Partitioner partitioner;
  private final List<Part> parts = new ArrayList<>();

  /** Those with an open file, the one used last at the end. */
  private final List<Part> open = new ArrayList<>();

  private final List<DataFile> files = new ArrayList<>();
  private final List<NewFile> pending = new ArrayList<>();
  private long gatheredBytes;
  private int started;

  /** By partition, where its rows are among those of the batch; only used while it is scattered. */
  private int[] ends = new int[16];

  /** One partition. */
  private static final class Part {
    final List<@Nullable Object> partition;
    @Nullable BatchBuilder gathered;
    long gatheredBytes;
    @Nullable OpenFile file;

    Part(List<@Nullable Object> partition) {
      this.partition = partition;
    }
  }

  /**
   * A writer of files below {@code data/}.
   *
   * @param schema the columns of the rows; those of the table
   * @param metadata of the table: how files are written
   */
  public DataFileWriter(Storage storage, Env env, Schema schema, TableMetadata metadata) {
    this(storage, env, schema, metadata, GATHERED_BYTES_MAX);
  }

  DataFileWriter(
      Storage storage, Env env, Schema schema, TableMetadata metadata, long gatheredBytesMax) {
    this.storage = storage;
    this.schema = schema;
    this.spec = metadata.spec();
    this.order = metadata.sortOrder();
    this.settings = FileSettings.of(metadata.properties(), schema);
    this.unique = env.randomHex();
    this.gatheredBytesMax = gatheredBytesMax;
    this.partitioner = spec.isUnpartitioned() ? null : new Partitioner(schema, spec);
    if (partitioner == null) {
      parts.add(new Part(spec.onlyPartition()));
    }
  }

  /**
   * How many partitions rows lie in.
   *
   * @throws io.datashard.error.InvalidRowException a value belongs to no partition
   */
  public static int partitions(TableMetadata metadata, Batch rows) {
    if (metadata.spec().isUnpartitioned()) {
      return Math.min(1, rows.rows());
    }
    Partitioner partitioner = new Partitioner(metadata.schema(), metadata.spec());
    partitioner.partitionsOf(rows);
    return partitioner.count();
  }

  /**
   * Writes a batch of the schema's columns.
   *
   * @throws io.datashard.error.InvalidRowException a value belongs to no partition
   */
  public void write(Batch batch) {
    if (batch.rows() == 0) {
      return;
    }
    if (partitioner == null && order.isUnsorted()) {
      writeTo(parts.get(0), batch);
    } else if (partitioner == null) {
      int[] rows = new int[batch.rows()];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = i;
      }
      gather(parts.get(0), batch, rows, 0, rows.length);
    } else {
      scatter(batch, partitioner);
    }
  }

  /** How many partitions there were rows of. */
  public int partitions() {
    return partitioner == null ? Math.min(1, files.size() + open.size()) : parts.size();
  }

  // Gathering.

  private void scatter(Batch batch, Partitioner by) {
    int[] partitions = by.partitionsOf(batch);
    while (parts.size() < by.count()) {
      parts.add(new Part(by.values(parts.size())));
    }
    if (ends.length < parts.size()) {
      ends = new int[Math.max(parts.size(), 2 * ends.length)];
    }
    int[] touched = new int[Math.min(parts.size(), partitions.length)];
    int count = 0;
    for (int partition : partitions) {
      if (ends[partition]++ == 0) {
        touched[count++] = partition;
      }
    }
    int start = 0;
    for (int i = 0; i < count; i++) {
      int size = ends[touched[i]];
      ends[touched[i]] = start;
      start += size;
    }
    int[] rows = new int[partitions.length];
    for (int row = 0; row < partitions.length; row++) {
      rows[ends[partitions[row]]++] = row;
    }
    start = 0;
    for (int i = 0; i < count; i++) {
      int end = ends[touched[i]];
      ends[touched[i]] = 0;
      gather(parts.get(touched[i]), batch, rows, start, end);
      start = end;
    }
  }

  private void gather(Part part, Batch batch, int[] rows, int from, int to) {
    for (int at = from; at < to; at += ROWS_STEP) {
      BatchBuilder gathered = part.gathered;
      if (gathered == null) {
        gathered = new BatchBuilder(schema);
        part.gathered = gathered;
      }
      gathered.addRows(batch, rows, at, Math.min(to, at + ROWS_STEP));
      // Arrays are grown ahead of what is in them.
      long bytes = 2 * gathered.bytesHeld() + COLUMN_BYTES * schema.size();
      gatheredBytes += bytes - part.gatheredBytes;
      part.gatheredBytes = bytes;
      makeRoom(part);
    }
  }

  private void makeRoom(Part last) {
    if (order.isUnsorted() && last.gatheredBytes >= Math.min(ENOUGH_BYTES, gatheredBytesMax / 4)) {
      flush(last);
    }
    if (gatheredBytes <= gatheredBytesMax) {
      return;
    }
    List<Part> bySize = new ArrayList<>(parts);
    bySize.sort(Comparator.comparingLong((Part part) -> part.gatheredBytes).reversed());
    for (Part part : bySize) {
      if (gatheredBytes <= gatheredBytesMax / 2) {
        return;
      }
      flush(part);
    }
  }

  /** Writes what is gathered of a partition. */
  private void flush(Part part) {
    BatchBuilder gathered = part.gathered;
    if (gathered == null) {
      return;
    }
    gatheredBytes -= part.gatheredBytes;
    part.gatheredBytes = 0;
    part.gathered = null;
    Batch rows = gathered.build();
    if (order.isUnsorted()) {
      writeTo(part, rows);
      return;
    }
    Batch sorted = RowSorter.sorted(rows, schema, order);
    for (int at = 0; at < sorted.rows(); at += ROWS_STEP) {
      writeTo(part, sorted.slice(at, Math.min(sorted.rows(), at + ROWS_STEP)));
    }
    if (part.file != null) {
      endFile(part);
    }
  }

  // Files.

  private void writeTo(Part part, Batch rows) {
    OpenFile file = part.file;
    if (file == null) {
      file = open(part);
    } else {
      open.remove(part);
      open.add(part);
    }
    file.write(rows);
    if (file.bytesEstimated() >= settings.fileBytesTarget()) {
      endFile(part);
      makePendingDurable();
      return;
    }
    while (open.size() > 1 && open.size() > mayBeOpen()) {
      endFile(open.get(0));
    }
  }

  /** Open files hold encoded rows: as many as fit beside what is gathered. */
  private int mayBeOpen() {
    long bytes = 0;
    for (Part part : open) {
      bytes += part.file == null ? 0 : part.file.bytesBuffered();
    }
    return bytes > gatheredBytesMax ? open.size() - 1 : OPEN_FILES_MAX;
  }

  /** Whether a file of this key has a name that only these writers give. */
  public static boolean isName(String key) {
    return NAME.matcher(key).matches();
  }

  private OpenFile open(Part part) {
    String folder = "data/" + PartitionPath.of(schema, spec, part.partition);
    OpenFile file =
        new OpenFile(
            storage,
            folder + unique + "-" + started++ + ".parquet",
            schema,
            settings,
            spec.id(),
            part.partition,
            order.id());
    part.file = file;
    open.add(part);
    return file;
  }

  private void endFile(Part part) {
    OpenFile file = java.util.Objects.requireNonNull(part.file);
    files.add(file.end());
    pending.add(file.file());
    part.file = null;
    open.remove(part);
    if (pending.size() > PENDING_FILES_MAX) {
      makePendingDurable();
    }
  }

  private void makePendingDurable() {
    List<NewFile> all = List.copyOf(pending);
    pending.clear();
    storage.makeDurable(all);
  }

  /** Ends the last files. Nothing may be written afterwards. */
  public void finish() {
    for (Part part : parts) {
      flush(part);
      if (part.file != null) {
        endFile(part);
      }
    }
  }

  /** About what rows take in memory that are in no file yet. */
  long gatheredBytes() {
    return gatheredBytes;
  }

  /** How many files are being written. */
  int openFiles() {
    return open.size();
  }

  /** The files ended so far, in order. */
  public List<DataFile> files() {
    return files;
  }

  /** Those that are not durable yet. */
  public List<NewFile> pending() {
    return pending;
  }

  /** Gives up the files being written; files that were ended stay. */
  @Override
  public void close() {
    open.forEach(part -> java.util.Objects.requireNonNull(part.file).close());
    open.clear();
    pending.forEach(NewFile::close);
  }
}
