package io.datashard;

import io.datashard.error.StorageException;
import io.datashard.internal.metadata.SingleState;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes one state of a table as a metadata file of its own. */
final class Export {
  private static final String FILE_PREFIX = "file://";

  private Export() {}

  /** As {@link Table#exportMetadata} says. */
  static void write(String location, TableMetadata newest, Snapshot snapshot, Path file) {
    byte[] content = TableMetadataJson.write(SingleState.of(newest, snapshot));
    Path target = file.toAbsolutePath().normalize();
    try {
      refuseVersionsFolder(location, target);
      if (Files.exists(target)) {
        if (Files.isRegularFile(target) && Arrays.equals(Files.readAllBytes(target), content)) {
          return;
        }
        throw taken(target, snapshot, null);
      }
      Path folder = target.getParent();
      if (folder == null) {
        throw taken(target, snapshot, null);
      }
      Files.createDirectories(folder);
      write(content, folder, target);
    } catch (FileAlreadyExistsException e) {
      throw taken(target, snapshot, e);
    } catch (IOException e) {
      throw new StorageException(
          "Snapshot "
              + snapshot.snapshotId()
              + " of "
              + location
              + " cannot be exported to "
              + target
              + ": "
              + e
              + ". The table is as it was.",
          e);
    }
  }

  /** Nobody sees half a file. */
  private static void write(byte[] content, Path folder, Path target) throws IOException {
    Path part = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(part, target);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** A file there could be taken for a version of the table. */
  private static void refuseVersionsFolder(String location, Path target) throws IOException {
    if (!location.startsWith(FILE_PREFIX)) {
      return;
    }
    Path metadata = Path.of(location.substring(FILE_PREFIX.length()), "metadata");
    Path parent = target.getParent();
    if (parent != null && Files.exists(parent) && Files.isSameFile(parent, metadata)) {
      throw new IllegalArgumentException(
          "The state cannot be exported to "
              + target
              + ": that is the folder of the table's own versions. Name another folder.");
    }
  }

  private static StorageException taken(
      Path target, Snapshot snapshot, @Nullable IOException cause) {
    return new StorageException(
        "Snapshot "
            + snapshot.snapshotId()
            + " cannot be exported to "
            + target
            + ": there is something else already. Name another file, or remove it.",
        cause);
  }
}
