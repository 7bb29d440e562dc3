package io.datashard.internal.ledger;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a table knows of sources, read from the files that its newest version names.
 *
 * <p>A commit with numbers writes them into the header of its manifest list, behind all that came
 * since the ledger file was written; the property {@value TableProperties#SOURCES} names both. So a
 * commit costs no file more, and whoever wants to know reads two files. When the header gets long,
 * the next commit folds it into a new ledger file. Neither ancestry nor the list of snapshots plays
 * a part: a rollback forgets nothing. Safe for use by many threads.
 */
public final class Ledger {
  /** The key in a manifest list's header. */
  public static final String HEADER = "datashard.sources";

  private static final int KEPT_MAX = 4;

  private final Storage storage;

  /** By the text of the property: files behind it never change. */
  private final Map<String, Known> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** The ledger of the table of this storage; nothing is read yet. */
  public Ledger(Storage storage) {
    this.storage = storage;
  }

  /**
   * The keys of the files that a version needs to know of sources.
   *
   * @throws CorruptTableException it names them in no way that can be read
   */
  public static Set<String> files(TableMetadata metadata) {
    Reference reference = Reference.of(metadata);
    Set<String> keys = new LinkedHashSet<>();
    if (reference != null) {
      keys.add(reference.list());
      if (!reference.file().isEmpty()) {
        keys.add(reference.file());
      }
    }
    return keys;
  }

  /**
   * What this version knows.
   *
   * @param headers gives the header of the manifest list of this key
   * @throws CorruptTableException a file is missing or damaged; it is named
   */
  public Known at(TableMetadata metadata, Function<String, Map<String, String>> headers) {
    Reference reference = Reference.of(metadata);
    if (reference == null) {
      return Known.NOTHING;
    }
    String text = reference.toString();
    Known known = keptOf(text);
    if (known == null) {
      known = read(reference, headers);
      remember(text, known);
    }
    return known;
  }

  /**
   * Deletes the ledgers that neither the oldest version that counts nor any later one names: a
   * version names its own or an earlier one, until a later one replaces it for good.
   *
   * @param number that of the oldest version; it is durable that no older one counts
   * @throws CorruptTableException it names its ledger in no way that can be read; nothing was
   *     deleted (I7)
   * @throws io.datashard.error.StorageException the store refused; what is left is deleted another
   *     time
   */
  public void clean(TableMetadata oldest, long number) {
    Reference reference = Reference.of(oldest);
    if (reference == null || reference.file().isEmpty()) {
      return;
    }
    Reference.unreached(storage.names(Reference.FOLDER, ""), number, reference)
        .forEach(storage::delete);
  }

  private Known read(Reference reference, Function<String, Map<String, String>> headers) {
    Known folded = reference.file().isEmpty() ? Known.NOTHING : file(reference);
    String name = nameOf(reference.list());
    String lines;
    try {
      lines = headers.apply(reference.list()).get(HEADER);
    } catch (FileMissingException e) {
      throw missing(reference.list(), e);
    }
    if (lines == null) {
      throw new CorruptTableException(
          name
              + " should tell what is known of sources, its header has no key "
              + HEADER
              + ". Restore the file from a copy.");
    }
    try {
      return folded.with(lines);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          name + ": header key " + HEADER + ": " + e.getMessage() + ".", e);
    }
  }

  private Known file(Reference reference) {
    Known same = keptOfFile(reference);
    if (same != null) {
      return Known.of(same.folded, same.file, same.length, same.checksum);
    }
    byte[] bytes;
    try {
      bytes = storage.readWhole(reference.file(), reference.length());
    } catch (FileMissingException e) {
      throw missing(reference.file(), e);
    }
    String name = nameOf(reference.file());
    if (Reference.checksumOf(bytes) != reference.checksum()) {
      throw new CorruptTableException(
          name
              + " is damaged: it should have the checksum "
              + Integer.toHexString(reference.checksum())
              + ", it has "
              + Integer.toHexString(Reference.checksumOf(bytes))
              + ". It tells which numbers of which sources are in the table. Restore the file from a"
              + " copy; appends without a source go on without it.");
    }
    return Known.of(
        Folded.read(bytes, name), reference.file(), reference.length(), reference.checksum());
  }

  private CorruptTableException missing(String key, FileMissingException e) {
    return new CorruptTableException(
        nameOf(key)
            + " is missing, which tells what numbers of which sources are in the table. Restore it"
            + " from a copy; appends without a source go on without it.",
        e);
  }

  private String nameOf(String key) {
    return Locations.of(storage.location(), key);
  }

  private @Nullable Known keptOf(String text) {
    synchronized (kept) {
      return kept.get(text);
    }
  }

  private @Nullable Known keptOfFile(Reference reference) {
    synchronized (kept) {
      for (Known known : kept.values()) {
        if (known.file.equals(reference.file())
            && known.length == reference.length()
            && known.checksum == reference.checksum()) {
          return known;
        }
      }
      return null;
    }
  }

  /** Keeps what a version knows that was just written. */
  public void remember(String property, Known known) {
    synchronized (kept) {
      kept.put(property, known);
      var eldest = kept.entrySet().iterator();
      while (kept.size() > KEPT_MAX) {
        eldest.next();
        eldest.remove();
      }
    }
  }
}
