package io.datashard.internal.manifest;

import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.table.ManifestFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes a data manifest of format v2. Spec: Iceberg table spec, "Manifests".
 *
 * <p>For very many entries: {@link #to}, {@link #add} each, {@link #finish}. Small manifests are
 * not compressed; larger ones are deflated block by block, so memory stays bounded. Used by one
 * thread.
 */
public final class ManifestWriter {
  /** Takes the bytes of a manifest as they are made. */
  public interface Sink {
    /** Appends {@code length} bytes from {@code start}; the array is reused afterwards. */
    void write(byte[] bytes, int start, int length);
  }

  /** A manifest with more is compressed; a block is written when it has as much. */
  static final int BLOCK_BYTES = 64 << 10;

  private static final int DEFLATE_LEVEL = 1;

  private final Sink sink;
  private final ManifestHeader header;
  private final long snapshotId;
  private final PartitionSummaries summaries;
  private final EntryEncoder encoder;
  private final AvroOutput block = new AvroOutput(512);
  private int blockEntries;
  private long written;
  private boolean finished;

  private final int[] files = new int[ManifestEntry.Status.values().length];
  private final long[] rows = new long[files.length];
  private @Nullable Long minSequenceNumber;

  private ManifestWriter(Sink sink, ManifestHeader header, long snapshotId) {
    this.sink = sink;
    this.header = header;
    this.snapshotId = snapshotId;
    summaries = new PartitionSummaries(header.types());
    encoder = new EntryEncoder(header, snapshotId, summaries);
  }

  /**
   * A whole manifest.
   *
   * @param schema the table's, with the columns that the partition fields are made from
   * @param spec the partition spec of all the files
   * @param snapshotId the snapshot being made; written where an entry names none
   * @throws IllegalArgumentException an entry does not fit the spec, or is EXISTING or DELETED
   *     without sequence numbers
   */
  public static WrittenManifest write(
      Schema schema, PartitionSpec spec, long snapshotId, List<ManifestEntry> entries) {
    AvroOutput all = new AvroOutput(4096);
    ManifestWriter writer = to(all::writeRaw, schema, spec, snapshotId);
    for (ManifestEntry entry : entries) {
      writer.add(entry);
    }
    ManifestSummary summary = writer.finish();
    return new WrittenManifest(ByteBuffer.wrap(all.array(), 0, all.size()).slice(), summary);
  }

  /**
   * Starts a manifest; parameters as for {@link #write}.
   *
   * @throws IllegalArgumentException a partition field is made from a column that the schema lacks
   */
  public static ManifestWriter to(Sink sink, Schema schema, PartitionSpec spec, long snapshotId) {
    return new ManifestWriter(sink, ManifestHeader.of(schema, spec), snapshotId);
  }

  /**
   * Writes one entry.
   *
   * @throws IllegalArgumentException it does not fit; nothing of it was written
   */
  public void add(ManifestEntry entry) {
    if (finished) {
      throw new IllegalStateException("The manifest is finished.");
    }
    int before = block.size();
    try {
      encoder.write(entry, block);
    } catch (IllegalArgumentException e) {
      block.size(before);
      throw e;
    }
    blockEntries++;
    count(entry);
    if (block.size() >= BLOCK_BYTES) {
      flush();
    }
  }

  private void count(ManifestEntry entry) {
    int status = entry.status().ordinal();
    files[status]++;
    rows[status] += entry.file().recordCount();
    Long number = entry.sequenceNumber();
    if (entry.isLive()
        && number != null
        && (minSequenceNumber == null || number < minSequenceNumber)) {
      minSequenceNumber = number;
    }
  }

  /** Writes the block that was gathered, compressed; the first also writes the header. */
  private void flush() {
    byte[] headerBytes = header.bytes(true);
    if (written == 0) {
      put(headerBytes, 0, headerBytes.length);
    }
    byte[] packed = deflate(block.array(), block.size());
    putBlock(packed, packed.length, headerBytes);
  }

  /** Avro's deflate: without the zlib frame. */
  static byte[] deflate(byte[] plain, int length) {
    Deflater deflater = new Deflater(DEFLATE_LEVEL, true);
    try {
      deflater.setInput(plain, 0, length);
      deflater.finish();
      byte[] packed = new byte[length / 2 + 64];
      int size = 0;
      while (!deflater.finished()) {
        if (size == packed.length) {
          packed = Arrays.copyOf(packed, 2 * size);
        }
        size += deflater.deflate(packed, size, packed.length - size);
      }
      return Arrays.copyOf(packed, size);
    } finally {
      deflater.end();
    }
  }

  private void putBlock(byte[] data, int length, byte[] headerBytes) {
    AvroOutput numbers = new AvroOutput(20);
    numbers.writeLong(blockEntries);
    numbers.writeLong(length);
    put(numbers.array(), 0, numbers.size());
    put(data, 0, length);
    put(headerBytes, headerBytes.length - AvroOutput.SYNC_BYTES, AvroOutput.SYNC_BYTES);
    block.size(0);
    blockEntries = 0;
  }

  private void put(byte[] bytes, int start, int length) {
    sink.write(bytes, start, length);
    written += length;
  }

  /** Writes what is left; nothing may be added afterwards. */
  public ManifestSummary finish() {
    if (finished) {
      throw new IllegalStateException("The manifest is finished.");
    }
    finished = true;
    if (written > 0) {
      if (blockEntries > 0) {
        flush();
      }
    } else {
      byte[] plain = header.bytes(false);
      put(plain, 0, plain.length);
      if (blockEntries > 0) {
        putBlock(block.array(), block.size(), plain);
      }
    }
    return new ManifestSummary(
        written,
        header.spec().id(),
        snapshotId,
        counts(),
        minSequenceNumber,
        summaries.summaries());
  }

  private ManifestFile.Counts counts() {
    int added = ManifestEntry.Status.ADDED.ordinal();
    int existing = ManifestEntry.Status.EXISTING.ordinal();
    int deleted = ManifestEntry.Status.DELETED.ordinal();
    return new ManifestFile.Counts(
        files[added], files[existing], files[deleted], rows[added], rows[existing], rows[deleted]);
  }
}
