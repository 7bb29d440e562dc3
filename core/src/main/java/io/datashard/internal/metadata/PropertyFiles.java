package io.datashard.internal.metadata;

import io.datashard.error.CorruptTableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Files of one folder that never change and that a version names in a property, with length and
 * checksum: other writers carry properties along and drop fields that they do not know. Their names
 * are {@code <version>-<random>.<end>}, after the version they were written for.
 */
public final class PropertyFiles {
  private final String property;
  private final String meaning;
  private final String folder;
  private final Pattern name;

  /**
   * @param property the property's name
   * @param meaning what it says, for errors: "which names its older snapshots"
   * @param folder where the files lie, below the table
   * @param ends what their names may end with, the dot included
   */
  public PropertyFiles(String property, String meaning, String folder, String... ends) {
    this.property = property;
    this.meaning = meaning;
    this.folder = folder;
    List<String> quoted = List.of(ends).stream().map(Pattern::quote).toList();
    this.name =
        Pattern.compile("([1-9][0-9]{0,17})-[0-9a-f]{16}(?:" + String.join("|", quoted) + ")");
  }

  /**
   * A key nobody else uses.
   *
   * @param version the number of the version it is written for
   */
  public String keyOf(long version, long random, String end) {
    return folder + "/" + version + "-" + HexFormat.of().toHexDigits(random) + end;
  }

  /** The number of the version that a file of this name was written for; 0 for other names. */
  public long versionOf(String name) {
    Matcher matcher = this.name.matcher(name);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /** Whether this is the key of such a file with this end (I8). */
  public boolean isKey(String key, String end) {
    return key.startsWith(folder + "/")
        && key.endsWith(end)
        && versionOf(key.substring(folder.length() + 1)) > 0;
  }

  /**
   * What a version's property says; null if it has none.
   *
   * @param parser reads all of its words; what it cannot read is an {@link
   *     IllegalArgumentException}
   * @throws CorruptTableException the property says nothing that can be read
   */
  public <T> @Nullable T read(TableMetadata metadata, Function<Words, T> parser) {
    String text = metadata.properties().get(property);
    if (text == null) {
      return null;
    }
    try {
      Words words = new Words(text);
      T read = parser.apply(words);
      words.end();
      return read;
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          "The property "
              + property
              + " of table "
              + metadata.location()
              + ", "
              + meaning
              + ", is '"
              + text
              + "': "
              + e.getMessage()
              + ". Set it as an earlier metadata file has it.",
          e);
    }
  }

  /**
   * The keys of the files that neither a version nor any later one reaches.
   *
   * <p>A file is named by the version that it was written for, and by later ones until one of them
   * replaces it: none takes it up again. So what was written for this version or an older one, and
   * is not reached from this one, is of no use any more, whether its commit won or not.
   *
   * @param names all names in the folder
   * @param number the version's; it is durable that no older one counts
   * @param reached the keys that it reaches
   */
  public List<String> unreached(Collection<String> names, long number, Set<String> reached) {
    List<String> keys = new ArrayList<>();
    for (String file : names) {
      long writtenFor = versionOf(file);
      String key = folder + "/" + file;
      if (0 < writtenFor && writtenFor <= number && !reached.contains(key)) {
        keys.add(key);
      }
    }
    return keys;
  }

  /** The CRC-32 of these bytes. */
  public static int checksum(byte[] bytes, int start, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, length);
    return (int) crc.getValue();
  }
}
