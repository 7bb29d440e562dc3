package io.datashard.internal.care;

import java.util.regex.Pattern;

/**
 * The names that DataShard gives to files which an orphan can be. What is called otherwise is never
 * deleted: it is a version, a hint, a floor, or somebody else's.
 */
final class OwnNames {
  private static final Pattern ORPHAN =
      Pattern.compile(
          "data/([^/]{1,240}=[^/]{0,240}/){0,100}[0-9a-f]{32}-[0-9]{1,9}\\.parquet"
              + "|data/import-[0-9a-f]{32}-[0-9a-f]{16}\\.parquet"
              + "|metadata/manifests/[0-9a-f]{32}-m[0-9]{1,9}\\.avro"
              + "|metadata/manifests/snap-[0-9]{1,19}-[0-9]{1,9}-[0-9a-f]{32}\\.avro"
              + "|metadata/history/[1-9][0-9]{0,17}-[0-9a-f]{16}\\.(root|segment)"
              + "|metadata/queue/[0-9]{18}-[0-9]{1,9}-[0-9a-f]{16}"
              + "|metadata/sources/[1-9][0-9]{0,17}-[0-9a-f]{16}\\.ledger"
              + "|(data|metadata)/([a-z]+/)?\\.tmp-[0-9a-f]{32}");

  private static final Pattern KEPT =
      Pattern.compile(
          "metadata/v[1-9][0-9]*\\.metadata\\.json"
              + "|metadata/version-hint\\.text"
              + "|metadata/floor/[1-9][0-9]*");

  private OwnNames() {}

  /** Whether DataShard calls files so that it may leave behind, temporary ones too. */
  static boolean mayBeOrphan(String key) {
    return ORPHAN.matcher(key).matches();
  }

  /** Whether DataShard calls files so that are never orphans, whoever names them. */
  static boolean isKept(String key) {
    return KEPT.matcher(key).matches();
  }
}
