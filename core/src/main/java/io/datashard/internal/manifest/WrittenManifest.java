package io.datashard.internal.manifest;

import java.nio.ByteBuffer;

/**
 * A manifest as bytes, and what the manifest list records of it.
 *
 * @param content the whole file, read-only
 */
public record WrittenManifest(ByteBuffer content, ManifestSummary summary) {
  public WrittenManifest {
    content = content.asReadOnlyBuffer();
  }

  /** A view of the whole file, with its own position. */
  @Override
  public ByteBuffer content() {
    return content.duplicate();
  }
}
