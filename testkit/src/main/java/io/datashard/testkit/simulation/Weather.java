package io.datashard.testkit.simulation;

/**
 * How badly a store behaves in one run.
 *
 * @param refusePercent so many calls fail and change nothing
 * @param losePercent so many calls that change something lose the request or the answer, are late
 *     or come twice; only where a network lies between
 * @param loseCreatePercent the same for exclusive creates
 * @param slowPerMille so many calls take very long
 * @param surprisePerMille so many calls end with an error that no contract foresees, after their
 *     effect or before
 */
public record Weather(
    int refusePercent,
    int losePercent,
    int loseCreatePercent,
    int slowPerMille,
    int surprisePerMille) {
  /** Everything works. */
  public static final Weather FAIR = new Weather(0, 0, 0, 0, 0);
}
