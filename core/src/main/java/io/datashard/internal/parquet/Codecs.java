package io.datashard.internal.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Compresses and decompresses pages.
 *
 * <p>Not safe for use by several threads: contexts are made at first use and used again, one
 * instance serves one writer or one scanning thread. {@link #close} frees native memory.
 */
public final class Codecs implements AutoCloseable {
  /** For {@code level}: the codec's own default. */
  public static final int LEVEL_DEFAULT = Integer.MIN_VALUE;

  private static final int ZSTD_LEVEL_DEFAULT = 1;
  private static final int GZIP_HEADER_BYTES = 10;
  private static final int GZIP_TRAILER_BYTES = 8;
  private static final int GZIP_MAGIC = 0x8b1f;

  private @Nullable ZstdCompressCtx zstdIn;
  private int zstdLevel = LEVEL_DEFAULT;
  private @Nullable ZstdDecompressCtx zstdOut;
  private @Nullable Deflater deflater;
  private @Nullable Inflater inflater;

  /** No context is made before it is needed. */
  public Codecs() {}

  /** The room that {@link #compress} asks for when {@code length} bytes are compressed. */
  public static int compressedBytesMax(Codec codec, int length) {
    long max =
        switch (codec) {
          case NONE -> length;
          case SNAPPY -> 32L + length + length / 6;
          case GZIP -> length + (length >> 12) + (length >> 14) + (length >> 25) + 64L;
          case ZSTD -> Zstd.compressBound(length);
          case LZ4 -> length + length / 255 + 16L;
          case LZ4_HADOOP -> throw new IllegalArgumentException("LZ4_HADOOP is never written.");
        };
    return Math.toIntExact(max);
  }

  /** The most that {@code length} compressed bytes can become, whatever they say. */
  static long plainBytesMax(Codec codec, int length) {
    return switch (codec) {
      case NONE -> length;
      case SNAPPY -> 64L * length; // 64 bytes from a copy of 3
      case GZIP -> 1_033L * length + 64;
      // A block of 128 KiB of one byte takes 4 bytes.
      case ZSTD -> 33_000L * length + 64;
      case LZ4, LZ4_HADOOP -> 256L * length + 64;
    };
  }

  /**
   * Compresses {@code length} bytes of {@code from} into {@code into}.
   *
   * @param level zstd -7..22, gzip 0..9, {@link #LEVEL_DEFAULT}; other codecs ignore it
   * @param into has room for {@link #compressedBytesMax} bytes from {@code intoStart} on
   * @return how many bytes were written
   * @throws IllegalStateException the library failed, which valid arguments never make it do
   */
  public int compress(
      Codec codec, int level, byte[] from, int start, int length, byte[] into, int intoStart) {
    Objects.checkFromIndexSize(start, length, from.length);
    int room = into.length - intoStart;
    Objects.checkFromIndexSize(intoStart, compressedBytesMax(codec, length), into.length);
    try {
      return switch (codec) {
        case NONE -> {
          System.arraycopy(from, start, into, intoStart, length);
          yield length;
        }
        case SNAPPY -> Snappy.compress(from, start, length, into, intoStart);
        case GZIP -> gzip(level, from, start, length, into, intoStart);
        case ZSTD -> zstd(level).compressByteArray(into, intoStart, room, from, start, length);
        case LZ4 ->
            LZ4Factory.fastestInstance()
                .fastCompressor()
                .compress(from, start, length, into, intoStart, room);
        case LZ4_HADOOP -> throw new IllegalArgumentException("LZ4_HADOOP is never written.");
      };
    } catch (IOException | ZstdException | LZ4Exception e) {
      throw new IllegalStateException("Cannot compress " + length + " bytes with " + codec, e);
    }
  }

  /**
   * Decompresses into exactly {@code intoLength} bytes.
   *
   * @param into has room for {@code intoLength} bytes from {@code intoStart} on; what lies behind
   *     them stays untouched
   * @throws DamagedException the bytes are not what the codec writes, or become more or fewer
   *     bytes; {@code into} may have been written to
   */
  public void decompress(
      Codec codec, byte[] from, int start, int length, byte[] into, int intoStart, int intoLength) {
    Objects.checkFromIndexSize(start, length, from.length);
    Objects.checkFromIndexSize(intoStart, intoLength, into.length);
    long written;
    try {
      written =
          switch (codec) {
            case NONE -> copy(from, start, length, into, intoStart, intoLength);
            case SNAPPY -> unsnappy(from, start, length, into, intoStart, intoLength);
            case GZIP -> gunzip(from, start, length, into, intoStart, intoLength);
            case ZSTD ->
                length == 0
                    ? 0
                    : unzstd()
                        .decompressByteArray(into, intoStart, intoLength, from, start, length);
            case LZ4 -> unlz4(from, start, length, into, intoStart, intoLength);
            case LZ4_HADOOP -> unlz4Hadoop(from, start, length, into, intoStart, intoLength);
          };
    } catch (IOException | ZstdException | LZ4Exception | DataFormatException e) {
      throw new DamagedException(
          length + " bytes are not valid " + codec + " of " + intoLength + " bytes", e);
    }
    if (written != intoLength) {
      throw new DamagedException(
          length + " bytes of " + codec + " become " + written + " bytes, not " + intoLength);
    }
  }

  private static int copy(
      byte[] from, int start, int length, byte[] into, int intoStart, int intoLength) {
    System.arraycopy(from, start, into, intoStart, Math.min(length, intoLength));
    return length;
  }

  private static int unsnappy(
      byte[] from, int start, int length, byte[] into, int intoStart, int intoLength)
      throws IOException {
    if (length == 0) {
      return 0;
    }
    // The library writes as many bytes as the data says, whatever room there is: ask first.
    int claimed = Snappy.uncompressedLength(from, start, length);
    return claimed == intoLength
        ? Snappy.uncompress(from, start, length, into, intoStart)
        : claimed;
  }

  private static int unlz4(
      byte[] from, int start, int length, byte[] into, int intoStart, int intoLength) {
    return length == 0
        ? 0
        : LZ4Factory.fastestInstance()
            .safeDecompressor()
            .decompress(from, start, length, into, intoStart, intoLength);
  }

  /**
   * Blocks of [big-endian uncompressed length][big-endian compressed length][LZ4 block]. Some
   * writers put a bare LZ4 block under the same codec name, so that is tried second.
   */
  private static int unlz4Hadoop(
      byte[] from, int start, int length, byte[] into, int intoStart, int intoLength) {
    int read = start;
    int end = start + length;
    int written = 0;
    while (end - read >= 8) {
      int plain = bigEndian(from, read);
      int packed = bigEndian(from, read + 4);
      read += 8;
      if (plain < 0 || plain > intoLength - written || packed < 0 || packed > end - read) {
        break;
      }
      try {
        if (unlz4(from, read, packed, into, intoStart + written, plain) != plain) {
          break;
        }
      } catch (LZ4Exception e) {
        break;
      }
      read += packed;
      written += plain;
    }
    return read == end && written == intoLength
        ? written
        : unlz4(from, start, length, into, intoStart, intoLength);
  }

  private static int bigEndian(byte[] from, int at) {
    return from[at] << 24
        | (from[at + 1] & 0xff) << 16
        | (from[at + 2] & 0xff) << 8
        | (from[at + 3] & 0xff);
  }

  /** One gzip member. Spec: RFC 1952. */
  private int gzip(int level, byte[] from, int start, int length, byte[] into, int intoStart) {
    Deflater packer = deflater;
    if (packer == null) {
      packer = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      deflater = packer;
    }
    packer.reset();
    packer.setLevel(level == LEVEL_DEFAULT ? Deflater.DEFAULT_COMPRESSION : level);
    packer.setInput(from, start, length);
    packer.finish();
    int at = intoStart;
    little(into, at, GZIP_MAGIC | 8 << 16); // deflate, no flags
    little(into, at + 4, 0); // no time
    into[at + 8] = 0;
    into[at + 9] = (byte) 0xff; // no operating system, so that equal pages are equal everywhere
    at += GZIP_HEADER_BYTES;
    while (!packer.finished()) {
      int room = into.length - at - GZIP_TRAILER_BYTES;
      int wrote = packer.deflate(into, at, room);
      if (wrote == 0) {
        throw new IllegalStateException("Deflate needs more than " + room + " bytes");
      }
      at += wrote;
    }
    CRC32 crc = new CRC32();
    crc.update(from, start, length);
    little(into, at, (int) crc.getValue());
    little(into, at + 4, length);
    return at + GZIP_TRAILER_BYTES - intoStart;
  }

  /** Any number of gzip members, one after the other. Returns more than asked for if there is. */
  private long gunzip(
      byte[] from, int start, int length, byte[] into, int intoStart, int intoLength)
      throws DataFormatException {
    int at = start;
    int end = start + length;
    int written = 0;
    while (at < end) {
      at = gzipBody(from, at, end);
      Inflater unpacker = inflater;
      if (unpacker == null) {
        unpacker = new Inflater(true);
        inflater = unpacker;
      }
      unpacker.reset();
      unpacker.setInput(from, at, end - at);
      int memberStart = intoStart + written;
      while (!unpacker.finished()) {
        int more = unpacker.inflate(into, intoStart + written, intoLength - written);
        written += more;
        if (more == 0 && !unpacker.finished()) {
          if (written == intoLength && unpacker.getRemaining() > 0) {
            return (long) intoLength + 1;
          }
          throw new DataFormatException("the deflate stream ends early");
        }
      }
      at = end - unpacker.getRemaining();
      CRC32 crc = new CRC32();
      crc.update(into, memberStart, intoStart + written - memberStart);
      if (end - at < GZIP_TRAILER_BYTES
          || little(from, at) != (int) crc.getValue()
          || little(from, at + 4) != intoStart + written - memberStart) {
        throw new DataFormatException("the gzip trailer does not fit the data");
      }
      at += GZIP_TRAILER_BYTES;
    }
    return written;
  }

  /** Where the deflate stream starts behind the member's header. */
  private static int gzipBody(byte[] from, int start, int end) throws DataFormatException {
    if (end - start < GZIP_HEADER_BYTES || (little(from, start) & 0xffffff) != 0x088b1f) {
      throw new DataFormatException("no gzip header");
    }
    int flags = from[start + 3];
    int at = start + GZIP_HEADER_BYTES;
    if ((flags & 4) != 0 && end - at >= 2) { // extra field
      at += 2 + (from[at] & 0xff) + ((from[at + 1] & 0xff) << 8);
    }
    for (int texts = Integer.bitCount(flags & 0x18); texts > 0; texts--) { // name, comment
      while (at < end && from[at] != 0) {
        at++;
      }
      at++;
    }
    at += flags & 2; // header checksum, two bytes
    if (at >= end) {
      throw new DataFormatException("the gzip header has no end");
    }
    return at;
  }

  private static void little(byte[] into, int at, int value) {
    into[at] = (byte) value;
    into[at + 1] = (byte) (value >> 8);
    into[at + 2] = (byte) (value >> 16);
    into[at + 3] = (byte) (value >> 24);
  }

  private static int little(byte[] from, int at) {
    return (from[at] & 0xff)
        | (from[at + 1] & 0xff) << 8
        | (from[at + 2] & 0xff) << 16
        | from[at + 3] << 24;
  }

  private ZstdCompressCtx zstd(int level) {
    int wanted = level == LEVEL_DEFAULT ? ZSTD_LEVEL_DEFAULT : level;
    ZstdCompressCtx context = zstdIn;
    if (context == null) {
      context = new ZstdCompressCtx();
      zstdIn = context;
    }
    if (zstdLevel != wanted) {
      context.setLevel(wanted);
      zstdLevel = wanted;
    }
    return context;
  }

  private ZstdDecompressCtx unzstd() {
    ZstdDecompressCtx context = zstdOut;
    if (context == null) {
      context = new ZstdDecompressCtx();
      zstdOut = context;
    }
    return context;
  }

  /** Frees the contexts. */
  @Override
  public void close() {
    if (zstdIn != null) {
      zstdIn.close();
      zstdIn = null;
      zstdLevel = LEVEL_DEFAULT;
    }
    if (zstdOut != null) {
      zstdOut.close();
      zstdOut = null;
    }
    if (deflater != null) {
      deflater.end();
      deflater = null;
    }
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }
}
