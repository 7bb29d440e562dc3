package io.datashard.testkit.simulation;

import io.datashard.error.FileMissingException;
import io.datashard.error.StorageException;
import io.datashard.storage.Locations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of one table as all processes see them, and what a power cut would leave of them.
 *
 * <p>The model is that of a journaling file system: the content of a file and its name become
 * durable apart; changes of names in one folder reach the disk in their order, and all of them with
 * a sync of that folder. What was not synced may be there afterwards or not, content torn or zeros.
 */
final class Disk {
  /** A file, whatever names it has. */
  static final class Node {
    final long id;
    final long modifiedMillis;
    byte[] content;
    boolean synced;

    Node(long id, byte[] content, boolean synced, long modifiedMillis) {
      this.id = id;
      this.content = content;
      this.synced = synced;
      this.modifiedMillis = modifiedMillis;
    }
  }

  /** A change of a name that is not on the disk yet; null takes the name away. */
  private record Naming(String key, @Nullable Node node) {}

  private static final Pattern VERSION = Pattern.compile("metadata/v([0-9]+)\\.metadata\\.json");

  private final Dice dice;
  private final TreeMap<String, Node> files = new TreeMap<>();
  private final Map<String, Node> durable = new HashMap<>();

  /** What was deleted: people of a story cannot see it, who judges the story can. */
  private final Map<String, Node> deleted = new HashMap<>();

  /** Each version of the table as it was when it first got its name. */
  private final TreeMap<Long, byte[]> versions = new TreeMap<>();

  private final Map<String, List<Naming>> journals = new LinkedHashMap<>();
  private long lastId;
  private int powerCuts;

  Disk(Dice dice) {
    this.dice = dice;
  }

  int powerCuts() {
    return powerCuts;
  }

  boolean exists(String key) {
    checkKey(key);
    return files.containsKey(key);
  }

  @Nullable Node find(String key) {
    checkKey(key);
    return files.get(key);
  }

  Node present(String key) {
    Node node = find(key);
    if (node == null) {
      throw new FileMissingException("There is no file " + key + ".");
    }
    return node;
  }

  TreeMap<String, Node> files() {
    return files;
  }

  /** Gives a new file a name, whatever had it before. */
  Node name(String key, byte[] content, boolean synced, long modifiedMillis) {
    checkKey(key);
    Node node = new Node(++lastId, content, synced, modifiedMillis);
    files.put(key, node);
    long version = versionOf(key);
    if (version > 0) {
      versions.putIfAbsent(version, content);
    }
    journal(key).add(new Naming(key, node));
    return node;
  }

  void remove(String key) {
    checkKey(key);
    Node node = files.remove(key);
    if (node != null) {
      deleted.put(key, node);
      journal(key).add(new Naming(key, null));
    }
  }

  Map<String, Node> deleted() {
    return deleted;
  }

  TreeMap<Long, byte[]> versions() {
    return versions;
  }

  /** 0 for what is no version of the table. */
  private static long versionOf(String key) {
    Matcher version = VERSION.matcher(key);
    return version.matches() ? Long.parseLong(version.group(1)) : 0;
  }

  private List<Naming> journal(String key) {
    return journals.computeIfAbsent(folderOf(key), absent -> new ArrayList<>());
  }

  /** Makes all names of the folder of this key durable. */
  void syncFolderOf(String key) {
    List<Naming> journal = journals.remove(folderOf(key));
    if (journal != null) {
      apply(journal, journal.size());
    }
  }

  private void apply(List<Naming> journal, int count) {
    for (Naming each : journal.subList(0, count)) {
      if (each.node() == null) {
        durable.remove(each.key());
      } else {
        durable.put(each.key(), Objects.requireNonNull(each.node()));
      }
    }
  }

  boolean isDurable(String key) {
    Node node = files.get(key);
    return node != null && node.synced && durable.get(key) == node;
  }

  /** Cuts the power and switches it on again. */
  void cutPower() {
    powerCuts++;
    for (List<Naming> journal : journals.values()) {
      apply(journal, dice.between(0, journal.size()));
    }
    journals.clear();
    files.clear();
    files.putAll(durable);
    for (Node node : files.values()) {
      if (!node.synced) {
        node.content = tear(node.content);
        node.synced = true;
      }
    }
    long newest = files.keySet().stream().mapToLong(Disk::versionOf).max().orElse(0);
    versions.tailMap(newest, false).clear(); // it is as if they had never been
  }

  private byte[] tear(byte[] content) {
    int left = dice.below(content.length + 1);
    return switch (dice.below(3)) {
      case 0 -> Arrays.copyOf(content, left);
      case 1 -> Arrays.copyOf(Arrays.copyOf(content, left), content.length);
      default -> content;
    };
  }

  static String folderOf(String key) {
    return key.substring(0, Math.max(0, key.lastIndexOf('/')));
  }

  private static void checkKey(String key) {
    if (!Locations.isKey(key)) {
      throw new StorageException("'" + key + "' is no file of a table.");
    }
  }
}
