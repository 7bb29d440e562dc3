package io.datashard.storage;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The three calls of a file system that make a local commit: two kinds of sync and the link.
 *
 * <p>A seam for tests, which look on, count, or let one of them fail ({@link
 * LocalStore#through(Disk)}). Everything else that {@link LocalStore} does can be seen in the files
 * themselves. Called from several threads at once.
 */
public interface Disk {
  /**
   * Forces the content of an open file to the device.
   *
   * @throws IOException it may not be there; the call is never repeated for this file (I3)
   */
  void syncFile(Path file, FileDescriptor open) throws IOException;

  /**
   * Forces the names in a folder to the device.
   *
   * @throws java.nio.file.FileSystemException the folder could not be opened; nothing was tried
   * @throws IOException they may not be there; the call is never repeated for this folder (I3)
   */
  void syncFolder(Path folder) throws IOException;

  /**
   * Gives a file a second name, unless that name is taken.
   *
   * @throws java.nio.file.FileAlreadyExistsException it is taken
   * @throws UnsupportedOperationException the file system has no hard links
   */
  void link(Path existing, Path name) throws IOException;

  /** The machine's own. */
  static Disk real() {
    return RealDisk.INSTANCE;
  }

  /** Plain system calls. None of them can be cut short by {@link Thread#interrupt}. */
  enum RealDisk implements Disk {
    INSTANCE;

    @Override
    public void syncFile(Path file, FileDescriptor open) throws IOException {
      open.sync();
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
      // A FileChannel would do too, but an interrupt closes it in the middle of the sync, and then
      // nobody can tell whether the sync failed. This kind of channel does not know interrupts.
      try (AsynchronousFileChannel names =
          AsynchronousFileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
      Files.createLink(name, existing);
    }
  }
}
