package io.datashard.testkit;

import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Stands before another storage, counts the calls, and lets some of them go wrong in the ways that
 * the contract of {@link Storage} allows.
 *
 * <p>Calls are numbered from 1 in the order in which they arrive. Closing a file is no call. After
 * the process has been stopped, every call throws {@link ProcessStopped} and has no effect, so that
 * what the dying code tries to clean up stays as it is.
 */
public final class FaultyStorage implements Storage {
  /** What a call asks for. */
  public enum Verb {
    CREATE_EXCLUSIVE,
    CREATE,
    WRITE,
    FINISH,
    MAKE_DURABLE,
    IMPORT,
    REPLACE,
    OPEN,
    READ_RANGE,
    READ,
    EXISTS,
    LIST,
    DELETE,
    IDENTITY;

    boolean changes() {
      return switch (this) {
        case CREATE_EXCLUSIVE, CREATE, WRITE, FINISH, MAKE_DURABLE, IMPORT, REPLACE, DELETE -> true;
        case OPEN, READ_RANGE, READ, EXISTS, LIST, IDENTITY -> false;
      };
    }
  }

  /** How a call ends. */
  public enum Fault {
    /** Well. */
    NONE,
    /** Refused, without effect: {@link StorageException}. */
    FAIL,
    /** The process dies before the effect. */
    STOP_BEFORE,
    /** The process dies after the effect. */
    STOP_AFTER,
    /**
     * The effect takes place and the answer is lost: {@link OutcomeUnknownException} from an
     * exclusive create, {@link StorageException} from everything else that changes something. A
     * call that only reads fails.
     */
    LOSE_ANSWER,
    /** As LOSE_ANSWER, but the request itself was lost. */
    LOSE_REQUEST,
    /** As LOSE_ANSWER, but an exclusive create takes place only some calls later. */
    DELAY_REQUEST,
    /**
     * As LOSE_ANSWER, and the client silently asks again: an exclusive create says EXISTED though
     * it was this call that created the file (I4). Other calls end well.
     */
    RESEND
  }

  /** Decides how each call ends. */
  public interface Plan {
    /**
     * @param number of the call, from 1 on
     * @param verb what it asks for
     * @param key of its file or folder; for several files the first
     */
    Fault faultOf(int number, Verb verb, String key);
  }

  /** One call that arrived. */
  public record Call(int number, Verb verb, String key) {}

  private static final int DELAY_CALLS_MAX = 5;

  private final Storage storage;
  private final Plan plan;
  private final Random random = new Random(1);
  private final List<Call> calls = new ArrayList<>();
  private final Map<Verb, Integer> counts = new EnumMap<>(Verb.class);
  private final Deque<Delayed> delayed = new ArrayDeque<>();
  private final List<NewFile> finished = new ArrayList<>();
  private boolean stopped;

  /** A request on its way. */
  private record Delayed(int untilCall, Runnable effect) {}

  private FaultyStorage(Storage storage, Plan plan) {
    this.storage = storage;
    this.plan = plan;
  }

  /** Calls end as the plan says. */
  public static FaultyStorage planned(Storage storage, Plan plan) {
    return new FaultyStorage(storage, plan);
  }

  /** All calls end well and are counted. */
  public static FaultyStorage counting(Storage storage) {
    return planned(storage, (number, verb, key) -> Fault.NONE);
  }

  /** The process dies at the k-th call, before its effect. */
  public static FaultyStorage stopAfter(int k, Storage storage) {
    return planned(storage, (number, verb, key) -> number >= k ? Fault.STOP_BEFORE : Fault.NONE);
  }

  /** The process dies at the k-th call, right after its effect. */
  public static FaultyStorage stopAfterEffect(int k, Storage storage) {
    return planned(storage, (number, verb, key) -> number >= k ? Fault.STOP_AFTER : Fault.NONE);
  }

  /** The k-th call goes wrong like this, and no other. */
  public static FaultyStorage once(int k, Fault fault, Storage storage) {
    return planned(storage, (number, verb, key) -> number == k ? fault : Fault.NONE);
  }

  /**
   * Some of the calls that change something lose their answer, their request, or are resent or
   * late.
   *
   * @param seed decides which
   * @param percent how many of a hundred
   */
  public static FaultyStorage lostAnswers(long seed, int percent, Storage storage) {
    Random choice = new Random(seed);
    Fault[] faults = {Fault.LOSE_ANSWER, Fault.LOSE_REQUEST, Fault.DELAY_REQUEST, Fault.RESEND};
    return planned(
        storage,
        (number, verb, key) ->
            verb.changes() && choice.nextInt(100) < percent
                ? faults[choice.nextInt(faults.length)]
                : Fault.NONE);
  }

  /** Whether the process has died. */
  public synchronized boolean stopped() {
    return stopped;
  }

  /** How many calls arrived. */
  public synchronized int calls() {
    return calls.size();
  }

  /** How many calls of this kind arrived. */
  public synchronized int calls(Verb verb) {
    return counts.getOrDefault(verb, 0);
  }

  /** All calls that arrived, in order. */
  public synchronized List<Call> log() {
    return List.copyOf(calls);
  }

  /** Lets the requests that are still on their way arrive now. */
  public synchronized void deliverDelayed() {
    while (!delayed.isEmpty()) {
      delayed.remove().effect().run();
    }
  }

  /**
   * Waits until what was finished has arrived: a store may still be on its way with it when the
   * process dies, and then it comes too late for any other that dies with it.
   */
  public void awaitFinished() {
    List<NewFile> all;
    synchronized (this) {
      all = List.copyOf(finished);
    }
    all.forEach(NewFile::close);
  }

  private synchronized Fault arrive(Verb verb, String key) {
    if (stopped) {
      throw new ProcessStopped(verb + " " + key + ", after its end");
    }
    calls.add(new Call(calls.size() + 1, verb, key));
    counts.merge(verb, 1, Integer::sum);
    while (!delayed.isEmpty() && delayed.peek().untilCall() <= calls.size()) {
      delayed.remove().effect().run();
    }
    Fault fault = plan.faultOf(calls.size(), verb, key);
    if (fault == Fault.STOP_BEFORE || fault == Fault.STOP_AFTER) {
      stopped = true;
    }
    return fault;
  }

  private <T> T call(Verb verb, String key, Supplier<T> effect) {
    Fault fault = arrive(verb, key);
    String where = verb + " " + key;
    if (fault == Fault.STOP_BEFORE) {
      throw new ProcessStopped(where);
    }
    boolean lost = fault == Fault.LOSE_REQUEST || fault == Fault.DELAY_REQUEST;
    if (fault == Fault.FAIL || lost || (fault == Fault.LOSE_ANSWER && !verb.changes())) {
      throw new StorageException("The store refused " + where + " in this test.");
    }
    T answer = effect.get();
    if (fault == Fault.STOP_AFTER) {
      throw new ProcessStopped("the end of " + where);
    }
    if (fault == Fault.LOSE_ANSWER) {
      throw new StorageException("The store's answer to " + where + " was lost in this test.");
    }
    return answer;
  }

  private void run(Verb verb, String key, Runnable effect) {
    call(
        verb,
        key,
        () -> {
          effect.run();
          return verb;
        });
  }

  @Override
  public boolean isRemote() {
    return storage.isRemote();
  }

  @Override
  public OptionalLong clockMillis() {
    return storage.clockMillis();
  }

  @Override
  public String location() {
    return storage.location();
  }

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content) {
    Fault fault = arrive(Verb.CREATE_EXCLUSIVE, key);
    String where = Verb.CREATE_EXCLUSIVE + " " + key;
    switch (fault) {
      case STOP_BEFORE:
        throw new ProcessStopped(where);
      case FAIL:
        throw new StorageException("The store refused " + where + " in this test.");
      case LOSE_REQUEST:
        throw new OutcomeUnknownException("No answer came to " + where + " in this test.");
      case DELAY_REQUEST:
        delay(key, content);
        throw new OutcomeUnknownException("No answer came yet to " + where + " in this test.");
      default:
        break;
    }
    PutOutcome outcome = storage.createExclusive(key, content);
    return switch (fault) {
      case STOP_AFTER -> throw new ProcessStopped("the end of " + where);
      case LOSE_ANSWER ->
          throw new OutcomeUnknownException("The answer to " + where + " was lost in this test.");
      case RESEND -> PutOutcome.EXISTED;
      default -> outcome;
    };
  }

  private synchronized void delay(String key, ByteBuffer content) {
    ByteBuffer copy = ByteBuffer.allocate(content.remaining()).put(content.duplicate()).flip();
    delayed.add(
        new Delayed(
            calls.size() + 1 + random.nextInt(DELAY_CALLS_MAX),
            () -> storage.createExclusive(key, copy)));
  }

  @Override
  public NewFile create(String key) {
    return call(Verb.CREATE, key, () -> new FaultyFile(storage.create(key)));
  }

  @Override
  public void makeDurable(List<NewFile> files) {
    List<NewFile> inner = new ArrayList<>();
    for (NewFile each : files) {
      if (!(each instanceof FaultyFile file)) {
        throw new IllegalArgumentException(each.key() + " was not created by this storage");
      }
      inner.add(file.file);
    }
    run(
        Verb.MAKE_DURABLE,
        files.isEmpty() ? "" : files.get(0).key(),
        () -> storage.makeDurable(inner));
  }

  @Override
  public void makeDurable(String key) {
    run(Verb.MAKE_DURABLE, key, () -> storage.makeDurable(key));
  }

  @Override
  public void importFile(Path source, String key) {
    run(Verb.IMPORT, key, () -> storage.importFile(source, key));
  }

  @Override
  public void replace(String key, ByteBuffer content) {
    run(Verb.REPLACE, key, () -> storage.replace(key, content));
  }

  @Override
  public ReadableFile open(String key, long length) {
    return call(Verb.OPEN, key, () -> new FaultyReader(storage.open(key, length)));
  }

  @Override
  public Optional<byte[]> read(String key, int bytesMax) {
    return call(Verb.READ, key, () -> storage.read(key, bytesMax));
  }

  @Override
  public Optional<Listed> find(String key) {
    return call(Verb.EXISTS, key, () -> storage.find(key));
  }

  @Override
  public boolean exists(String key) {
    return call(Verb.EXISTS, key, () -> storage.exists(key));
  }

  @Override
  public List<Listed> list(String folder, String namePrefix) {
    return call(Verb.LIST, folder, () -> storage.list(folder, namePrefix));
  }

  @Override
  public List<String> names(String folder, String namePrefix) {
    return call(Verb.LIST, folder, () -> storage.names(folder, namePrefix));
  }

  @Override
  public List<Listed> listAll(String folder) {
    return call(Verb.LIST, folder, () -> storage.listAll(folder));
  }

  @Override
  public void delete(String key) {
    run(Verb.DELETE, key, () -> storage.delete(key));
  }

  @Override
  public String identity(String key) {
    return call(Verb.IDENTITY, key, () -> storage.identity(key));
  }

  @Override
  public String toString() {
    return storage + " behind " + calls() + " calls";
  }

  /** Writing is a call too. A dead process neither frees nor removes its files. */
  private final class FaultyFile implements NewFile {
    private final NewFile file;

    FaultyFile(NewFile file) {
      this.file = file;
    }

    @Override
    public String key() {
      return file.key();
    }

    @Override
    public void write(byte[] bytes, int start, int length) {
      run(Verb.WRITE, key(), () -> file.write(bytes, start, length));
    }

    @Override
    public long position() {
      return file.position();
    }

    @Override
    public void finish() {
      run(
          Verb.FINISH,
          key(),
          () -> {
            file.finish();
            synchronized (FaultyStorage.this) {
              finished.add(file);
            }
          });
    }

    @Override
    public void close() {
      if (!stopped()) {
        file.close();
      }
    }
  }

  /** Each range is a call. */
  private final class FaultyReader implements ReadableFile {
    private final ReadableFile file;

    FaultyReader(ReadableFile file) {
      this.file = file;
    }

    @Override
    public String key() {
      return file.key();
    }

    @Override
    public long length() {
      return file.length();
    }

    @Override
    public boolean isRemote() {
      return file.isRemote();
    }

    @Override
    public void read(long position, byte[] into, int start, int length) {
      run(Verb.READ_RANGE, key(), () -> file.read(position, into, start, length));
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
