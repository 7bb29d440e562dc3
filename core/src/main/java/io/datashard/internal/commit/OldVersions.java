package io.datashard.internal.commit;

import io.datashard.internal.log.Retention;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.internal.metadata.TableProperties;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cleans away versions that are old, and what only they named. Whoever commits does a little of it;
 * in a remote store beside whatever comes.
 */
final class OldVersions {
  private static final Logger LOG = LoggerFactory.getLogger(OldVersions.class);

  /** One commit of so many begins the first look of its process. */
  private static final int FIRST_LOOKS = 32;

  private final Committer committer;
  private final VersionLog log;
  private final boolean isRemote;
  private final Chores chores;
  private volatile long archiveCleanedTo;
  private volatile boolean areLeft;
  private volatile boolean hasLooked;

  OldVersions(Committer committer) {
    this.committer = committer;
    this.log = committer.log();
    this.isRemote = committer.storage().isRemote();
    this.chores = new Chores(committer.env(), !isRemote);
  }

  /**
   * As {@link Committer#cleanSoon}. In a remote store the first look of a process costs some
   * requests, so of many that commit once few take it.
   */
  void cleanSoon(boolean look) {
    long newest = committer.knownHead().version().number();
    if (isRemote && !hasLooked && !look && newest % FIRST_LOOKS != 0) {
      return;
    }
    hasLooked = true;
    chores.addIfIdle(() -> areLeft = clean(look));
  }

  /** Waits for what is being cleaned, which may take a moment. */
  void finish() {
    chores.finish();
  }

  /** Whether more is to be cleaned before anything else is committed. */
  boolean areLeft() {
    return areLeft;
  }

  private boolean clean(boolean look) {
    try {
      boolean more = log.clean(retention(committer.knownMetadata().properties()), look);
      cleanArchive();
      return more;
    } catch (RuntimeException e) {
      LOG.warn("Old versions of {} cannot be cleaned away now", committer.storage().location(), e);
      return false;
    }
  }

  private Retention retention(Map<String, String> properties) {
    long versionsMin = TableProperties.versionsMin(properties);
    long versionsMax = TableProperties.versionsMax(properties);
    long millisMin = TableProperties.versionMillisMin(properties);
    return isRemote
        ? Retention.remote(versionsMin, millisMin)
        : new Retention(versionsMin, versionsMax, millisMin);
  }

  /** Deletes what of the archive and of ledgers only versions named that were cleaned away. */
  private void cleanArchive() {
    long oldest = log.cleanedTo();
    if (oldest <= archiveCleanedTo || !namesOlderFiles(committer.knownMetadata())) {
      return;
    }
    archiveCleanedTo = oldest; // what cannot be deleted now is, when the next versions go
    Optional<Version> version = log.version(oldest);
    if (version.isPresent()) {
      TableMetadata metadata =
          TableMetadataJson.parse(version.get().content(), version.get().key());
      committer.history().clean(metadata, oldest);
      committer.ledger().clean(metadata, oldest);
    }
  }

  /**
   * Whether a version names an archive or a ledger. Commits carry both properties along, so where
   * the newest has none no older one does, and need not be read to tell. If another writer dropped
   * them, what only older versions name is left to the clean-up of orphans.
   */
  private static boolean namesOlderFiles(TableMetadata newest) {
    Map<String, String> properties = newest.properties();
    return properties.containsKey(TableProperties.HISTORY)
        || properties.containsKey(TableProperties.SOURCES);
  }
}
