package io.datashard.testkit.simulation;

import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.storage.Durability;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.ReplaceableFile;
import io.datashard.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way of one process to the simulated store: calls take time, and go wrong as the store's
 * weather says.
 */
final class SimulatedStorage implements Storage {
  private static final long TIMEOUT_NANOS_MIN = 300_000_000;
  private static final long TIMEOUT_NANOS_MAX = 3_000_000_000L;
  static final long LATE_NANOS_MAX = 30_000_000_000L;

  private static final String FLOOR = "metadata/floor";
  private static final Pattern TOKEN = Pattern.compile("\\b[0-9a-f]{32}\\b");

  private final SimulatedStore store;
  private final SimulatedProcess process;
  private final Simulation simulation;
  private final Dice dice;
  private final Disk disk;

  /** What threads tried to create, until they look at what is there. */
  private final Map<String, byte[]> attempts;

  /** What threads see of the floor when they look next. */
  private final Map<Object, List<Listed>> floors;

  private final Durability level;

  /** What the last answer to this process said of the time. */
  private final Told told;

  private static final class Told {
    OptionalLong millis = OptionalLong.empty();
  }

  SimulatedStorage(SimulatedStore store, SimulatedProcess process) {
    this(store, process, Durability.FSYNC, new HashMap<>(), new HashMap<>(), new Told());
  }

  private SimulatedStorage(
      SimulatedStore store,
      SimulatedProcess process,
      Durability level,
      Map<String, byte[]> attempts,
      Map<Object, List<Listed>> floors,
      Told told) {
    this.told = told;
    this.level = level;
    this.floors = floors;
    this.attempts = attempts;
    this.store = store;
    this.process = process;
    this.simulation = store.simulation();
    this.dice = simulation.dice();
    this.disk = store.disk();
  }

  private boolean isDisk() {
    return store.kind() == SimulatedStore.Kind.DISK;
  }

  private boolean isBucket() {
    return store.kind() == SimulatedStore.Kind.BUCKET;
  }

  // How long things take.

  /** A look, or a change that waits for no disk. */
  private void quick() {
    pause(isBucket() ? 5_000_000 : isDisk() ? 5_000 : 300_000);
  }

  /** A sync, or a request that is answered after one. */
  private void slow() {
    pause(isBucket() ? 10_000_000 : 400_000);
  }

  private void pause(long unitNanos) {
    long nanos = unitNanos / 2 + dice.below(3 * unitNanos);
    if (dice.below(1000) < store.weather().slowPerMille() || store.isSlow()) {
      nanos += dice.between(10_000_000L, 2_500_000_000L);
    }
    process.pause(nanos);
  }

  // How things go wrong.

  private StorageException refused(String verb, String key) {
    simulation.note("refused " + verb, key);
    return new StorageException("The store refused " + verb + " " + key + " in this run.");
  }

  /** Ends a call as no contract foresees: a bug below us, or no memory. */
  private void surprise(String verb, String key) {
    if (dice.below(1000) < store.weather().surprisePerMille()) {
      String words = verb + " " + key + ": " + SimulatedStore.SURPRISE;
      simulation.note("surprise", words);
      if (dice.chance(30)) {
        throw new OutOfMemoryError(words);
      }
      throw new IllegalStateException(words);
    }
  }

  /** A call that only looks. */
  private <T> T look(String verb, String key, Supplier<T> answer) {
    process.call();
    quick();
    if (dice.chance(store.weather().refusePercent())) {
      throw refused(verb, key);
    }
    surprise(verb, key);
    T found = answer.get();
    OptionalLong millis = answerMillis();
    if (dice.below(4) == 0) {
      quick(); // what was found may be old when it is told
    }
    told.millis = millis;
    return found;
  }

  /** How a request over a network ends. */
  private enum Fate {
    ANSWERED,
    LOST,
    LATE,
    UNANSWERED,
    RESENT,
    TWICE
  }

  private Fate fate(int percent) {
    if (isDisk() || !dice.chance(percent)) {
      return Fate.ANSWERED;
    }
    return isBucket()
        ? dice.pick(
            List.of(Fate.LOST, Fate.LATE, Fate.LATE, Fate.UNANSWERED, Fate.RESENT, Fate.TWICE))
        : dice.pick(List.of(Fate.LOST, Fate.UNANSWERED, Fate.RESENT, Fate.RESENT));
  }

  /** A request that changes something. */
  private void change(String verb, String key, Runnable effect) {
    process.call();
    if (dice.chance(store.weather().refusePercent())) {
      slow();
      throw refused(verb, key);
    }
    Fate fate = fate(store.weather().losePercent());
    request(fate, effect);
    if (fate == Fate.LOST || fate == Fate.LATE || fate == Fate.UNANSWERED) {
      simulation.note(fate + " " + verb, key);
      timeout();
      throw new StorageException("No answer came to " + verb + " " + key + " in this run.");
    }
    simulation.note(verb, key);
    surprise(verb, key);
  }

  /** Sends a request: whatever becomes of the sender, it is on its way. */
  private void request(Fate fate, Runnable effect) {
    if (fate == Fate.LOST) {
      return;
    }
    if (fate == Fate.LATE) {
      simulation.after(dice.between(1_000_000L, LATE_NANOS_MAX), effect);
      return;
    }
    try {
      slow();
    } catch (Killed killed) {
      if (!isDisk() && dice.chance(50)) {
        simulation.after(dice.between(1_000L, LATE_NANOS_MAX), effect);
      }
      throw killed;
    }
    effect.run();
    OptionalLong millis = answerMillis();
    if (fate == Fate.TWICE || fate == Fate.RESENT) {
      simulation.after(dice.between(1_000L, fate == Fate.TWICE ? LATE_NANOS_MAX : 1_000L), effect);
    }
    quick();
    if (fate != Fate.UNANSWERED) {
      told.millis = millis;
    }
  }

  private OptionalLong answerMillis() {
    return isBucket() ? OptionalLong.of(store.toldMillis()) : OptionalLong.empty();
  }

  private void timeout() {
    process.pause(dice.between(TIMEOUT_NANOS_MIN, TIMEOUT_NANOS_MAX));
  }

  private void requireRoom(String key) {
    if (store.isFull()) {
      simulation.note("no room for", key);
      throw new StorageException("No space left on device for " + key + " in this run.");
    }
  }

  // Storage.

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public boolean isRemote() {
    return isBucket();
  }

  @Override
  public OptionalLong clockMillis() {
    return told.millis;
  }

  @Override
  public Storage withDurability(Durability wanted) {
    return isBucket() || wanted == level
        ? this
        : new SimulatedStorage(store, process, wanted, attempts, floors, told);
  }

  private boolean syncs() {
    return level == Durability.FSYNC;
  }

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content) {
    byte[] bytes = store.written(key, SimulatedStore.bytesOf(content));
    if (store.has(SimulatedStore.Mutant.STRANGE_TOKENS)) {
      attempts.put(attemptAt(key), bytes);
    }
    if (store.has(SimulatedStore.Mutant.EARLIER_FLOOR) && !key.startsWith(FLOOR)) {
      floors.put(simulation.current(), filesIn(FLOOR));
    }
    PutOutcome outcome = isDisk() ? link(key, bytes) : putIfAbsent(key, bytes);
    surprise("createExclusive", key);
    if (outcome == PutOutcome.CREATED) {
      attempts.remove(attemptAt(key)); // nobody looks whose it is
    }
    return outcome;
  }

  /** Temporary file, sync, link, sync of the folder. */
  private PutOutcome link(String key, byte[] bytes) {
    process.call();
    requireRoom(key);
    if (dice.chance(store.weather().refusePercent())) {
      throw refused("createExclusive", key);
    }
    quick();
    if (syncs()) {
      slow();
    }
    store.creating(process);
    process.call();
    if (store.has(SimulatedStore.Mutant.REPLACING_CREATE) || !disk.exists(key)) {
      disk.name(key, bytes, syncs(), store.nowMillis());
      simulation.note("creates", key);
      store.created(process);
    } else {
      simulation.note("finds", key);
      return PutOutcome.EXISTED;
    }
    process.call();
    if (!syncs()) {
      return PutOutcome.CREATED;
    }
    slow();
    if (dice.chance(store.weather().refusePercent())) {
      simulation.note("cannot sync the name of", key);
      throw new OutcomeUnknownException(key + " is there, and its folder cannot be synced.");
    }
    disk.syncFolderOf(key);
    process.call();
    simulation.note("has made durable", key);
    return PutOutcome.CREATED;
  }

  private PutOutcome putIfAbsent(String key, byte[] bytes) {
    process.call();
    if (dice.chance(store.weather().refusePercent())) {
      throw refused("createExclusive", key);
    }
    boolean[] created = new boolean[1];
    Runnable effect =
        () -> {
          boolean absent = !disk.exists(key);
          if (absent || store.has(SimulatedStore.Mutant.REPLACING_CREATE)) {
            disk.name(key, bytes, true, store.nowMillis());
            disk.syncFolderOf(key);
            created[0] = true;
          }
          simulation.note(absent ? "put creates" : "put finds", key + " for " + process.name());
          if (absent) {
            store.created(process);
          }
        };
    store.creating(process);
    process.call();
    Fate fate = fate(store.weather().loseCreatePercent());
    request(fate, effect);
    if (fate == Fate.LOST || fate == Fate.LATE || fate == Fate.UNANSWERED) {
      simulation.note(fate + " createExclusive", key);
      timeout();
      throw new OutcomeUnknownException("No answer came to the creation of " + key + ".");
    }
    return created[0] && fate != Fate.RESENT ? PutOutcome.CREATED : PutOutcome.EXISTED;
  }

  @Override
  public NewFile create(String key) {
    process.call();
    requireRoom(key);
    if (isBucket()) {
      return new SimulatedFile(key, null);
    }
    quick();
    if (dice.chance(store.weather().refusePercent())) {
      throw refused("create", key);
    }
    if (disk.exists(key)) {
      throw new StorageException("Cannot create " + key + ": it is there already.");
    }
    return new SimulatedFile(key, disk.name(key, new byte[0], false, store.nowMillis()));
  }

  @Override
  public void makeDurable(List<NewFile> newFiles) {
    List<SimulatedFile> files = new ArrayList<>();
    for (NewFile each : newFiles) {
      if (!(each instanceof SimulatedFile file) || file.storage().process != process) {
        throw new IllegalArgumentException(each.key() + " was not created by this storage");
      }
      file.require(SimulatedFile.State.FINISHED, "made durable");
      files.add(file);
    }
    dice.shuffle(files);
    for (SimulatedFile file : files) {
      if (isBucket()) {
        byte[] bytes = store.written(file.key, file.bytes());
        change(
            "put",
            file.key,
            () -> {
              disk.name(file.key, bytes, true, store.nowMillis());
              disk.syncFolderOf(file.key);
            });
      } else if (syncs()) {
        sync(file);
      }
    }
    Set<String> folders = new LinkedHashSet<>();
    for (SimulatedFile file : files) {
      if (!isBucket() && syncs() && folders.add(Disk.folderOf(file.key))) {
        process.call();
        slow();
        if (!store.has(SimulatedStore.Mutant.NO_SYNC_OF_FILES)) {
          disk.syncFolderOf(file.key);
        }
      }
      file.close();
    }
  }

  private void sync(SimulatedFile file) {
    process.call();
    slow();
    if (disk.find(file.key) != file.node) {
      return; // a file system says nothing, and a commit that names it is found out
    }
    if (dice.chance(store.weather().refusePercent())) {
      throw refused("the sync of", file.key);
    }
    if (!store.has(SimulatedStore.Mutant.NO_SYNC_OF_FILES)) {
      Objects.requireNonNull(file.node).synced = true;
    }
    simulation.note("synced", file.key);
  }

  @Override
  public void makeDurable(String key) {
    look(
        "makeDurable",
        key,
        () -> {
          Disk.Node node = disk.present(key);
          if (syncs() && !store.has(SimulatedStore.Mutant.NO_SYNC_OF_OTHERS)) {
            node.synced = true;
            disk.syncFolderOf(key);
          }
          simulation.note("synced for another", key);
          return key;
        });
  }

  @Override
  public void importFile(Path source, String key) {
    throw new UnsupportedOperationException("no simulated process imports files");
  }

  @Override
  public void replace(String key, ByteBuffer content) {
    byte[] bytes = SimulatedStore.bytesOf(content);
    requireRoom(key);
    change(
        "replace",
        key,
        () -> {
          disk.name(key, bytes, false, store.nowMillis());
          if (!isDisk()) {
            disk.present(key).synced = true;
            disk.syncFolderOf(key);
          }
        });
  }

  @Override
  public ReplaceableFile replaceable(String key) {
    return isBucket() ? new ConditionalFile(key) : Storage.super.replaceable(key);
  }

  @Override
  public ReadableFile open(String key, long length) {
    return look(
        "open",
        key,
        () -> {
          byte[] content = disk.present(key).content;
          if (length >= 0 && length != content.length) {
            throw new CorruptTableException(
                key + " has " + content.length + " bytes and should have " + length);
          }
          return new SimulatedReader(key, content);
        });
  }

  @Override
  public Optional<byte[]> read(String key, int bytesMax) {
    return look(
        "read",
        key,
        () -> {
          Disk.Node node = disk.find(key);
          if (node != null && node.content.length > bytesMax) {
            throw new StorageException(key + " has " + node.content.length + " bytes");
          }
          simulation.note(node == null ? "does not find" : "reads", key);
          byte[] attempt = attempts.remove(attemptAt(key));
          if (node == null) {
            return Optional.empty();
          }
          return Optional.of(
              attempt != null && Arrays.equals(node.content, attempt)
                  ? strange(attempt)
                  : node.content.clone());
        });
  }

  private String attemptAt(String key) {
    return simulation.current() + " " + key;
  }

  /** Another version of the same length, with a token of nobody and no checksum of ours. */
  private static byte[] strange(byte[] version) {
    String text = new String(version, StandardCharsets.ISO_8859_1);
    return TOKEN
        .matcher(text)
        .replaceAll(found -> "0".repeat(found.group().length()))
        .replace("datashard-crc32", "somebodys-crc32") // which is right for another token
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public Optional<Listed> find(String key) {
    return look(
        "find",
        key,
        () ->
            store.has(SimulatedStore.Mutant.YOUNG_FILES) && key.startsWith("data/")
                ? Optional.of(new Listed(key, 1, store.nowMillis()))
                : Optional.ofNullable(disk.find(key))
                    .map(node -> new Listed(key, node.content.length, node.modifiedMillis)));
  }

  @Override
  public boolean exists(String key) {
    return look("exists", key, () -> disk.exists(key));
  }

  @Override
  public List<Listed> list(String folder, String namePrefix) {
    String start = folder.isEmpty() ? "" : folder + "/";
    List<Listed> found = listAll(folder);
    found.removeIf(
        file -> {
          String name = file.key().substring(start.length());
          return name.indexOf('/') >= 0 || !name.startsWith(namePrefix);
        });
    return found;
  }

  @Override
  public List<Listed> listAll(String folder) {
    return look(
        "list",
        folder,
        () -> {
          List<Listed> earlier = folder.equals(FLOOR) ? floors.remove(simulation.current()) : null;
          List<Listed> found = earlier == null ? filesIn(folder) : earlier;
          dice.shuffle(found);
          return found;
        });
  }

  private List<Listed> filesIn(String folder) {
    String start = folder.isEmpty() ? "" : folder + "/";
    List<Listed> found = new ArrayList<>();
    disk.files()
        .forEach(
            (key, node) -> {
              if (key.startsWith(start)) {
                found.add(new Listed(key, node.content.length, node.modifiedMillis));
              }
            });
    return found;
  }

  @Override
  public void delete(String key) {
    change("delete", key, () -> disk.remove(key));
  }

  @Override
  public String identity(String key) {
    if (isBucket()) {
      return "";
    }
    return look(
        "identity",
        key,
        () -> {
          Disk.Node node = disk.files().get(key);
          if (node != null) {
            return "file " + node.id;
          }
          String above = disk.files().higherKey(key + "/");
          return above != null && above.startsWith(key + "/") ? "folder" : "";
        });
  }

  @Override
  public String machineKey() {
    return "table";
  }

  @Override
  public String toString() {
    return store.location() + " seen by " + process;
  }

  /**
   * A file being written. On a disk it is seen from the beginning, in a bucket when it is whole.
   */
  private final class SimulatedFile implements NewFile {
    enum State {
      OPEN,
      FINISHED,
      CLOSED
    }

    private final String key;
    private final Disk.@Nullable Node node;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private State state = State.OPEN;

    SimulatedFile(String key, Disk.@Nullable Node node) {
      this.key = key;
      this.node = node;
    }

    SimulatedStorage storage() {
      return SimulatedStorage.this;
    }

    byte[] bytes() {
      return written.toByteArray();
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public void write(byte[] bytes, int start, int length) {
      require(State.OPEN, "written");
      if (process.isGone()) {
        return;
      }
      requireRoom(key);
      written.write(bytes, start, length);
    }

    @Override
    public long position() {
      return written.size();
    }

    @Override
    public void finish() {
      require(State.OPEN, "finished");
      process.call();
      requireRoom(key);
      if (node != null) {
        node.content = store.written(key, bytes());
      }
      simulation.note("wrote", key);
      state = State.FINISHED;
    }

    void require(State wanted, String work) {
      if (state != wanted) {
        throw new IllegalStateException(key + " cannot be " + work + ": it is " + state);
      }
    }

    @Override
    public void close() {
      if (!process.isGone() && state == State.OPEN && node != null && disk.find(key) == node) {
        disk.remove(key);
      }
      state = State.CLOSED;
    }
  }

  /** A file that is replaced only if it is as it was seen last. */
  private final class ConditionalFile implements ReplaceableFile {
    private final String key;
    private boolean isSeen;
    private Disk.@Nullable Node seen;

    ConditionalFile(String key) {
      this.key = key;
    }

    @Override
    public Optional<byte[]> read() {
      return look(
          "read",
          key,
          () -> {
            isSeen = true;
            seen = disk.find(key);
            return Optional.ofNullable(seen).map(node -> node.content.clone());
          });
    }

    @Override
    public boolean replace(ByteBuffer content) {
      byte[] bytes = SimulatedStore.bytesOf(content);
      Disk.Node before = seen;
      if (!isSeen) {
        return false;
      }
      Disk.Node[] made = new Disk.Node[1];
      change(
          "replace",
          key,
          () -> {
            if (disk.find(key) == before) {
              made[0] = disk.name(key, bytes, true, store.nowMillis());
              disk.syncFolderOf(key);
            }
          });
      if (made[0] == null) {
        return false;
      }
      seen = made[0];
      return true;
    }

    @Override
    public boolean tellsOfOthers() {
      return true;
    }
  }

  /** A file as it was when it was opened. */
  private final class SimulatedReader implements ReadableFile {
    private final String key;
    private final byte[] content;

    SimulatedReader(String key, byte[] content) {
      this.key = key;
      this.content = content;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public long length() {
      return content.length;
    }

    @Override
    public boolean isRemote() {
      return false;
    }

    @Override
    public void read(long position, byte[] into, int start, int length) {
      process.requireAlive();
      if (position < 0 || position + length > content.length) {
        throw new CorruptTableException(key + " ends before " + (position + length));
      }
      System.arraycopy(content, (int) position, into, start, length);
    }

    @Override
    public void close() {}
  }
}
