package io.datashard.internal.history;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the blocks of a segment together. Large blocks of older segments are taken over as they are;
 * small ones that follow each other become one, which deflates better.
 */
final class SegmentWriter {
  static final int BLOCK_SNAPSHOTS_MAX = 128;

  private final List<Block.Content> blocks = new ArrayList<>();
  private final StringBuilder small = new StringBuilder();
  private Extent smallExtent = Extent.NONE;

  /** A finished segment. */
  record Written(Segment segment, byte[] bytes) {}

  /** Adds what follows: text that is not deflated yet. */
  void add(String text, Extent extent) {
    if (smallExtent.snapshots() + extent.snapshots() > BLOCK_SNAPSHOTS_MAX) {
      flush();
    }
    small.append(text);
    smallExtent = smallExtent.and(extent);
  }

  /** Adds all blocks of another segment. */
  void addAll(ArchiveFiles.Opened source) {
    for (Block block : source.blocks()) {
      if (block.extent().snapshots() < BLOCK_SNAPSHOTS_MAX / 2) {
        add(source.text(block), block.extent());
      } else {
        flush();
        blocks.add(new Block.Content(source.bytes(block), block.plainLength(), block.extent()));
      }
    }
  }

  private void flush() {
    if (small.length() > 0) {
      blocks.add(Block.deflate(small.toString(), smallExtent));
      small.setLength(0);
      smallExtent = Extent.NONE;
    }
  }

  /** The segment, with its index. */
  Written finish(String key) {
    flush();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringBuilder index = new StringBuilder();
    Extent extent = Extent.NONE;
    for (Block.Content content : blocks) {
      content.at(bytes.size()).write(index);
      bytes.writeBytes(content.bytes());
      extent = extent.and(content.extent());
    }
    byte[] indexBytes = index.toString().getBytes(StandardCharsets.US_ASCII);
    bytes.writeBytes(indexBytes);
    Segment segment =
        new Segment(
            key,
            bytes.size(),
            indexBytes.length,
            ArchiveFile.checksum(indexBytes, 0, indexBytes.length),
            extent);
    return new Written(segment, bytes.toByteArray());
  }
}
