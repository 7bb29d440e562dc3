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
 * <p>{@link #of}, {@link #add} each, {@link #finish}. The file is made in memory: small ones are
 * not compressed, larger ones are deflated block by block. Used by one thread.
 */
public final class ManifestWriter {
  /** A manifest with more is compressed; a block is written when it has as much. */
  static final int BLOCK_BYTES = 64 << 10;

  private static final int DEFLATE_LEVEL = 1;

  private final AvroOutput file = new AvroOutput(4096);
  private final ManifestHeader header;
  private final long snapshotId;
  private final PartitionSummaries summaries;
  private final EntryEncoder encoder;
  private final AvroOutput block = new AvroOutput(512);
  private int blockEntries;
  private boolean finished;

  private final int[] files = new int[ManifestEntry.Status.values().length];
  private final long[] rows = new long[files.length];
  private @Nullable Long minSequenceNumber;

  private ManifestWriter(ManifestHeader header, long snapshotId) {
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
    ManifestWriter writer = of(schema, spec, snapshotId);
    for (ManifestEntry entry : entries) {
      writer.add(entry);
    }
    return writer.finish();
  }

  /**
   * Starts a manifest; parameters as for {@link #write}.
   *
   * @throws IllegalArgumentException a partition field is made from a column that the schema lacks
   */
  public static ManifestWriter of(Schema schema, PartitionSpec spec, long snapshotId) {
    return new ManifestWriter(ManifestHeader.of(schema, spec), snapshotId);
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
    if (file.size() == 0) {
      file.writeRaw(headerBytes, 0, headerBytes.length);
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
    file.writeLong(blockEntries);
    file.writeLong(length);
    file.writeRaw(data, 0, length);
    file.writeRaw(headerBytes, headerBytes.length - AvroOutput.SYNC_BYTES, AvroOutput.SYNC_BYTES);
    block.size(0);
    blockEntries = 0;
  }

  /** Writes what is left; nothing may be added afterwards. */
  public WrittenManifest finish() {
    if (finished) {
      throw new IllegalStateException("The manifest is finished.");
    }
    finished = true;
    if (file.size() > 0) {
      if (blockEntries > 0) {
        flush();
      }
    } else {
      byte[] plain = header.bytes(false);
      file.writeRaw(plain, 0, plain.length);
      if (blockEntries > 0) {
        putBlock(block.array(), block.size(), plain);
      }
    }
    AvroChecksum.seal(file.array(), file.size());
    return new WrittenManifest(
        ByteBuffer.wrap(file.array(), 0, file.size()).slice(),
        new ManifestSummary(
            file.size(),
            header.spec().id(),
            snapshotId,
            counts(),
            minSequenceNumber,
            summaries.summaries()));
  }

  private ManifestFile.Counts counts() {
    int added = ManifestEntry.Status.ADDED.ordinal();
    int existing = ManifestEntry.Status.EXISTING.ordinal();
    int deleted = ManifestEntry.Status.DELETED.ordinal();
    return new ManifestFile.Counts(
        files[added], files[existing], files[deleted], rows[added], rows[existing], rows[deleted]);
  }
}
