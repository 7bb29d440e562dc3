package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.storage.Locations;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the files of an archive; what was read or written lately is kept. */
final class ArchiveFiles {
  /** A smaller segment is read whole. */
  private static final int WHOLE_BYTES_MAX = 64 << 10;

  private static final int KEPT_BYTES_MAX = 1 << 20;

  private final Storage storage;
  private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long keptBytes;

  ArchiveFiles(Storage storage) {
    this.storage = storage;
  }

  /** The root of this version's archive; an empty one if all of its snapshots are listed. */
  Root root(TableMetadata metadata) {
    Reference reference = Reference.of(metadata);
    return reference == null ? Root.EMPTY : root(reference);
  }

  /** The root that a version names. */
  Root root(Reference reference) {
    String name = nameOf(reference.key());
    byte[] bytes =
        whole(reference.key(), reference.length(), "the archive of the table's older snapshots");
    ArchiveFile.check(bytes, 0, bytes.length, reference.checksum(), name);
    Root root = Root.read(bytes, name);
    if (root.snapshots() != reference.snapshots()) {
      throw new CorruptTableException(
          name
              + " lists segments of "
              + root.snapshots()
              + " snapshots, the table's metadata says "
              + reference.snapshots()
              + ".");
    }
    return root;
  }

  /** Keeps a file that was just written. */
  void remember(String key, byte[] content) {
    keep(key, content);
  }

  private byte[] whole(String key, long length, String namedBy) {
    byte[] known = keptOf(key);
    if (known != null && known.length == length) {
      return known;
    }
    byte[] bytes;
    try {
      bytes = storage.readWhole(key, length);
    } catch (FileMissingException e) {
      throw missing(key, namedBy, e);
    }
    keep(key, bytes);
    return bytes;
  }

  private CorruptTableException missing(String key, String namedBy, FileMissingException e) {
    return new CorruptTableException(
        nameOf(key)
            + " is missing, which is part of "
            + namedBy
            + ". Restore it from a copy; newer snapshots can be read without it.",
        e);
  }

  String nameOf(String key) {
    return Locations.of(storage.location(), key);
  }

  /** A segment, opened when something is read that is not kept. */
  Opened open(Segment segment) {
    return new Opened(segment);
  }

  /** One segment while it is read. */
  final class Opened implements AutoCloseable {
    private final Segment segment;
    private @Nullable ReadableFile file;

    private Opened(Segment segment) {
      this.segment = segment;
    }

    String name() {
      return nameOf(segment.key());
    }

    /** All blocks, as the index lists them. */
    List<Block> blocks() {
      int length = segment.indexLength();
      byte[] index = range(segment.indexOffset(), length);
      ArchiveFile.check(index, 0, length, segment.indexChecksum(), name() + ", its index,");
      List<Block> blocks = new ArrayList<>();
      Extent sum = Extent.NONE;
      long offset = 0;
      try {
        for (String line : new String(index, StandardCharsets.US_ASCII).split("\n")) {
          Block block = Block.read(line, offset);
          blocks.add(block);
          sum = sum.and(block.extent());
          offset += block.length();
        }
      } catch (IllegalArgumentException e) {
        throw new CorruptTableException(name() + ": " + e.getMessage() + ".", e);
      }
      if (offset != segment.indexOffset() || !sum.equals(segment.extent())) {
        throw new CorruptTableException(
            name()
                + " has blocks of "
                + offset
                + " bytes with "
                + sum
                + ", the archive's root says "
                + segment.indexOffset()
                + " and "
                + segment.extent()
                + ".");
      }
      return blocks;
    }

    /** The bytes of a block, held against their checksum. */
    byte[] bytes(Block block) {
      byte[] bytes = range(block.offset(), block.length());
      String what = name() + ", bytes from " + block.offset() + ",";
      ArchiveFile.check(bytes, 0, bytes.length, block.checksum(), what);
      return bytes;
    }

    String text(Block block) {
      return block.inflate(bytes(block), name());
    }

    Page page(Block block) {
      return Page.read(text(block), block.extent(), name());
    }

    private byte[] range(long offset, int length) {
      String part = segment.key() + "@" + offset;
      byte[] known = keptOf(part);
      if (known != null && known.length == length) {
        return known;
      }
      byte[] bytes = new byte[length];
      if (segment.length() <= WHOLE_BYTES_MAX) {
        byte[] all = whole(segment.key(), segment.length(), "the table's older snapshots");
        System.arraycopy(all, (int) offset, bytes, 0, length);
        return bytes;
      }
      file().read(offset, bytes, 0, length);
      keep(part, bytes);
      return bytes;
    }

    private ReadableFile file() {
      ReadableFile opened = file;
      if (opened == null) {
        try {
          opened = storage.open(segment.key(), segment.length());
        } catch (FileMissingException e) {
          throw missing(segment.key(), "the table's older snapshots", e);
        }
        file = opened;
      }
      return opened;
    }

    @Override
    public void close() {
      if (file != null) {
        file.close();
      }
    }
  }

  private byte @Nullable [] keptOf(String name) {
    synchronized (kept) {
      return kept.get(name);
    }
  }

  private void keep(String name, byte[] bytes) {
    if (bytes.length > KEPT_BYTES_MAX / 4) {
      return;
    }
    synchronized (kept) {
      byte[] old = kept.put(name, bytes);
      keptBytes += bytes.length - (old == null ? 0 : old.length);
      var eldest = kept.entrySet().iterator();
      while (keptBytes > KEPT_BYTES_MAX) {
        keptBytes -= eldest.next().getValue().length;
        eldest.remove();
      }
    }
  }
}
