package io.datashard.table;

import java.util.List;

/**
 * What a verification found.
 *
 * @param damages what is damaged, in the order it was found; empty if the table is whole
 * @param notes what is worth knowing and is no damage: nothing of the table depends on it
 * @param counts what was read
 */
public record Verification(List<Damage> damages, List<Damage> notes, Counts counts) {

  /**
   * What was read.
   *
   * @param versions metadata files
   * @param snapshots all snapshots, listed and archived
   * @param manifests distinct manifests of these snapshots
   * @param dataFiles distinct live data files of these snapshots
   * @param rows rows in these data files
   * @param bytes bytes of these data files
   * @param orphanFiles files that no snapshot names: left by writers that were killed, or being
   *     written
   */
  public record Counts(
      long versions,
      long snapshots,
      long manifests,
      long dataFiles,
      long rows,
      long bytes,
      long orphanFiles) {}

  public Verification {
    damages = List.copyOf(damages);
    notes = List.copyOf(notes);
  }

  /** Whether nothing is damaged. */
  public boolean isWhole() {
    return damages.isEmpty();
  }
}
