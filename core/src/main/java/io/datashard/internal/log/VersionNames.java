package io.datashard.internal.log;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the files of versions are spelled: {@code v7.metadata.json}, and nothing else.
 *
 * <p>Others spell them otherwise: Iceberg's Hadoop tables gzip them as {@code v7.gz.metadata.json}
 * or, in older releases, {@code v7.metadata.json.gz}; catalogs write {@code 00007-<uuid>
 * .metadata.json}, where only the catalog knows which one is current.
 */
final class VersionNames {
  static final String FOLDER = "metadata";
  static final String HINT = FOLDER + "/version-hint.text";

  private static final String END = ".metadata.json";

  /** So many digits always fit a long. */
  private static final int DIGITS_MAX = 18;

  private static final Pattern ANY_NUMBERED =
      Pattern.compile("v([0-9]+)(\\.gz)?\\.metadata\\.json(\\.gz)?");

  private static final Pattern CATALOG =
      Pattern.compile(
          "[0-9]+-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
              + "(\\.gz)?\\.metadata\\.json(\\.gz)?");

  private VersionNames() {}

  static String keyOf(long number) {
    return FOLDER + "/v" + number + END;
  }

  /** The keys under which another writer may have put this version. */
  static String[] otherKeysOf(long number) {
    return new String[] {
      FOLDER + "/v" + number + ".gz.metadata.json", FOLDER + "/v" + number + ".metadata.json.gz"
    };
  }

  /**
   * The number of a version that we wrote or can read, or 0 for any other name. By hand, because a
   * folder may hold a hundred thousand names and each process that starts looks at all of them.
   */
  static long numberOf(String name) {
    int digits = name.length() - END.length() - 1;
    if (digits < 1
        || digits > DIGITS_MAX
        || name.charAt(0) != 'v'
        || name.charAt(1) == '0'
        || !name.endsWith(END)) {
      return 0;
    }
    long number = 0;
    for (int i = 1; i <= digits; i++) {
      char digit = name.charAt(i);
      if (digit < '0' || digit > '9') {
        return 0;
      }
      number = number * 10 + (digit - '0');
    }
    return number;
  }

  /**
   * The number in a version's name in any spelling; the largest there is if it does not fit, so
   * that it is never taken for an old one.
   */
  static OptionalLong numberInAnySpelling(String name) {
    Matcher any = ANY_NUMBERED.matcher(name);
    if (!name.startsWith("v") || !any.matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(any.group(1)));
    } catch (NumberFormatException e) {
      return OptionalLong.of(Long.MAX_VALUE);
    }
  }

  static boolean isOfCatalog(String name) {
    return name.contains(END) && CATALOG.matcher(name).matches();
  }
}
