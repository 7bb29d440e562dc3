package io.datashard.testkit.simulation;

import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The store that all simulated machines share, with one table in it. */
public final class SimulatedStore {
  /** How a store behaves. */
  public enum Kind {
    /**
     * A disk: names are seen before they are durable, and a power cut takes what was not synced.
     */
    DISK,

    /**
     * A folder on a server: answers get lost and the client asks again, so that an exclusive create
     * may be told that its own file exists.
     */
    NETWORK,

    /**
     * Objects: no folders, no identities. Requests take effect late, twice or never, also after the
     * client gave up or died.
     */
    BUCKET
  }

  /** A protection taken away, for tests that must notice. */
  public enum Mutant {
    /** An exclusive create replaces what is there. */
    REPLACING_CREATE,

    /** Files are not synced before a version names them. */
    NO_SYNC_OF_FILES,

    /** Versions of others are not synced before they are acknowledged. */
    NO_SYNC_OF_OTHERS,

    /** Whoever looks whether a version is his own finds another token in it. */
    STRANGE_TOKENS,

    /** Whoever asks how old a data file is hears that it is there and new. */
    YOUNG_FILES,

    /** Whoever created a version sees the floor as it was before. */
    EARLIER_FLOOR,

    /** Answers of the store tell one time for ever. */
    STOPPED_CLOCK
  }

  /** How processes reach a bucket: a real module for such stores, over a simulated network. */
  public interface Client {
    /** The table as one process sees it. */
    Storage open(SimulatedBucket bucket, SimulatedProcess process);
  }

  /** What the message of an error contains that no contract foresees. */
  public static final String SURPRISE = "surprise of the simulation";

  private static final long BEGIN_MILLIS = 1_700_000_000_000L;

  /** Clocks of one bucket differ by so much, to both sides. */
  private static final long SKEW_MILLIS = 300_000;

  private final Simulation simulation;
  private final Kind kind;
  private final Disk disk;
  private final Set<Mutant> mutants = EnumSet.noneOf(Mutant.class);
  private Consumer<SimulatedProcess> beforeCreate = creator -> {};
  private Consumer<SimulatedProcess> afterCreate = creator -> {};
  private BiFunction<String, byte[], byte[]> onWrite = (key, content) -> content;
  private @Nullable Client client;
  private @Nullable SimulatedBucket bucket;
  private Weather weather = Weather.FAIR;
  private long clockFactor = 1;
  private long fullUntil;
  private long slowUntil;

  /** An empty store. */
  public SimulatedStore(Simulation simulation, Kind kind) {
    this.simulation = simulation;
    this.kind = kind;
    this.disk = new Disk(simulation.dice());
  }

  /** A bucket that processes reach through this client. */
  public SimulatedStore(Simulation simulation, Client client) {
    this(simulation, Kind.BUCKET);
    this.client = client;
    this.bucket = new SimulatedBucket(this);
  }

  /** What kind it is. */
  public Kind kind() {
    return kind;
  }

  /** Whether processes reach it through a client, which gives up what takes too long. */
  public boolean hasClient() {
    return client != null;
  }

  /** How long after it was sent a request may still take effect. */
  public long lateNanosMax() {
    return client == null ? SimulatedStorage.LATE_NANOS_MAX : SimulatedBucket.LATE_NANOS_MAX;
  }

  /** From now on it behaves like this. */
  public void weather(Weather now) {
    weather = now;
  }

  /** Does this whenever an exclusive create is about to take effect, or to find the name taken. */
  public void beforeCreate(Consumer<SimulatedProcess> action) {
    beforeCreate = action;
  }

  /**
   * Does this whenever an exclusive create took effect, before anything else can happen; on a disk
   * the name is not durable yet then.
   */
  public void afterCreate(Consumer<SimulatedProcess> action) {
    afterCreate = action;
  }

  /** Changes what is written to new files: key and content to content. */
  public void onWrite(BiFunction<String, byte[], byte[]> change) {
    onWrite = change;
  }

  /** Takes a protection away. */
  public void mutate(Mutant mutant) {
    mutants.add(mutant);
  }

  /** Its clock runs so many times too fast, so that hours pass in a story of seconds. */
  public void clockFactor(long factor) {
    clockFactor = factor;
  }

  /** Nothing can be written for so long. */
  public void fill(long nanos) {
    simulation.note("disk is full for", nanos / 1_000_000 + " ms");
    fullUntil = Math.max(fullUntil, simulation.nanos() + nanos);
  }

  /** Everything takes long for so long. */
  public void slow(long nanos) {
    simulation.note("disk is slow for", nanos / 1_000_000 + " ms");
    slowUntil = Math.max(slowUntil, simulation.nanos() + nanos);
  }

  /** The power of the machine with the disk goes and comes: kill its processes before. */
  public void cutPower() {
    simulation.note("power cut", kind);
    disk.cutPower();
  }

  /** The table as one process sees it. */
  public Storage seenBy(SimulatedProcess process) {
    return client == null || bucket == null
        ? new SimulatedStorage(this, process)
        : client.open(bucket, process);
  }

  /** The table as it is now, to look at in peace. */
  public MemoryStorage copy() {
    return copyOf(disk.files());
  }

  /** The same, with everything in it that was deleted and not made anew. */
  public MemoryStorage copyWithDeleted() {
    Map<String, Disk.Node> all = new TreeMap<>(disk.deleted());
    all.putAll(disk.files());
    return copyOf(all);
  }

  private MemoryStorage copyOf(Map<String, Disk.Node> files) {
    MemoryStorage copy = new MemoryStorage(location(), 1, this::nowMillis);
    files.forEach(
        (key, node) -> {
          NewFile file = copy.create(key);
          file.write(node.content, 0, node.content.length);
          file.finish();
          copy.makeDurable(List.of(file));
        });
    return copy;
  }

  /**
   * Every version that the table ever had, as it was when it first got its name; without those that
   * a power cut took.
   */
  public SortedMap<Long, byte[]> versions() {
    return Collections.unmodifiableSortedMap(disk.versions());
  }

  /** Whether a power cut now would leave this file as it is. */
  public boolean isDurable(String key) {
    return disk.isDurable(key);
  }

  /** All keys there are now. */
  public List<String> keys() {
    return List.copyOf(disk.files().keySet());
  }

  Simulation simulation() {
    return simulation;
  }

  Disk disk() {
    return disk;
  }

  Weather weather() {
    return weather;
  }

  byte[] written(String key, byte[] content) {
    return onWrite.apply(key, content);
  }

  void creating(SimulatedProcess creator) {
    beforeCreate.accept(creator);
  }

  void created(SimulatedProcess creator) {
    afterCreate.accept(creator);
  }

  boolean has(Mutant mutant) {
    return mutants.contains(mutant);
  }

  /** The store's own clock. */
  long nowMillis() {
    return BEGIN_MILLIS + simulation.nanos() / 1_000_000 * clockFactor;
  }

  /** The time that an answer tells. */
  long toldMillis() {
    return has(Mutant.STOPPED_CLOCK)
        ? BEGIN_MILLIS
        : nowMillis() + simulation.dice().between(-SKEW_MILLIS, SKEW_MILLIS);
  }

  String location() {
    return bucket == null ? "memory:///table" : SimulatedBucket.LOCATION;
  }

  boolean isFull() {
    return simulation.nanos() < fullUntil;
  }

  boolean isSlow() {
    return simulation.nanos() < slowUntil;
  }

  static byte[] bytesOf(ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.duplicate().get(bytes);
    return bytes;
  }
}
