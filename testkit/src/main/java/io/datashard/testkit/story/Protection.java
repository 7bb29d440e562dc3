package io.datashard.testkit.story;

import io.datashard.internal.manifest.ManifestList;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.manifest.ManifestListWriter;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.testkit.simulation.SimulatedMachine;
import io.datashard.testkit.simulation.SimulatedStore;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What keeps the promises, each by itself. Taken away from outside, where the protocol meets its
 * store and its wires, so that the protocol's code is the real one.
 */
public enum Protection {
  /** A version that exists is looked at: it may be one's own (I4). */
  OWN_TOKEN {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.STRANGE_TOKENS);
    }
  },

  /** Whoever includes an append has looked for it in what others committed. */
  ID_LOOKUP {
    @Override
    void removeFrom(SimulatedStore store) {
      store.onWrite((key, content) -> key.contains("/snap-") ? withoutIds(key, content) : content);
    }
  },

  /** Whoever includes an append with a source and number has looked for it in the table. */
  ONCE_LOOKUP {
    @Override
    void removeFrom(SimulatedStore store) {
      store.onWrite(
          (key, content) -> key.contains("/snap-") ? withoutNumbers(key, content) : content);
    }
  },

  /** The look begins where the append was first handed to anybody, not where the last one began. */
  ID_BASE {
    @Override
    void removeFrom(SimulatedMachine machine) {
      machine.onMessage(Protection::withoutBase);
    }
  },

  /** Whoever created a version looks afterwards whether its number was won before (I1). */
  FLOOR {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.EARLIER_FLOOR);
    }
  },

  /** Who does not look at the floor of a bucket goes by the time that the store tells (I1). */
  STORE_CLOCK {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.STOPPED_CLOCK);
    }
  },

  /** Of all who create a version one wins. */
  EXCLUSIVE_CREATE {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.REPLACING_CREATE);
    }
  },

  /** What a version names is durable before it is there (I2). */
  FILES_BEFORE_LINK {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.NO_SYNC_OF_FILES);
    }
  },

  /**
   * A clean-up begins with a version of its own, to which whoever is about to commit loses (I7).
   */
  FENCE,

  /**
   * Whoever finds a fence in his base names no files that are too old for its clean-up (I7): those
   * that cannot be made again are looked up.
   */
  HALF_THE_GRACE {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.YOUNG_FILES);
    }
  },

  /**
   * The same of manifests and of the data files of rounds (I7): they are made again. In stories
   * where nothing else is appended, so that nothing is looked up.
   */
  MADE_AGAIN {
    @Override
    void removeFrom(SimulatedStore store) {
      store.onWrite(Protection::withoutFences);
    }
  },

  /** Whoever acknowledges another's version has synced it (I3). */
  SYNC_FOR_OTHERS {
    @Override
    void removeFrom(SimulatedStore store) {
      store.mutate(SimulatedStore.Mutant.NO_SYNC_OF_OTHERS);
    }
  };

  private static final String IDS = "datashard.appends";
  private static final String NUMBERS = "datashard.sources";
  private static final String VERSION = "datashard.version";
  private static final byte APPEND = 5;
  private static final int BASE_OFFSET = 1 + 3 * Long.BYTES;

  void removeFrom(SimulatedStore store) {}

  void removeFrom(SimulatedMachine machine) {}

  private static byte[] withoutIds(String key, byte[] content) {
    ManifestList list = ManifestListReader.read(content, key);
    Map<String, String> header = list.header();
    if (!header.containsKey(IDS)) {
      return content;
    }
    Map<String, String> ours = new LinkedHashMap<>();
    ours.put(VERSION, header.get(VERSION));
    if (header.containsKey(NUMBERS)) {
      ours.put(NUMBERS, header.get(NUMBERS));
    }
    return rewritten(list, ours);
  }

  /** The same commits, of sources that nobody asks for. */
  private static byte[] withoutNumbers(String key, byte[] content) {
    ManifestList list = ManifestListReader.read(content, key);
    Map<String, String> header = list.header();
    if (!header.containsKey(NUMBERS)) {
      return content;
    }
    Map<String, String> ours = new LinkedHashMap<>();
    ours.put(VERSION, header.get(VERSION));
    ours.put(IDS, header.get(IDS));
    ours.put(NUMBERS, header.get(NUMBERS).replace("source", "nobody"));
    return rewritten(list, ours);
  }

  private static byte[] withoutFences(String key, byte[] content) {
    if (!key.matches("metadata/v[0-9]+\\.metadata\\.json")) {
      return content;
    }
    TableMetadata metadata = TableMetadataJson.parse(content, key);
    Map<String, String> properties = new LinkedHashMap<>(metadata.properties());
    properties.remove(TableProperties.FENCES);
    return TableMetadataJson.write(metadata.toBuilder().properties(properties).build());
  }

  private static byte[] rewritten(ManifestList list, Map<String, String> ours) {
    Map<String, String> header = list.header();
    String parent = header.get("parent-snapshot-id");
    return ManifestListWriter.write(
        Long.parseLong(header.get("snapshot-id")),
        "null".equals(parent) ? null : Long.valueOf(parent),
        Long.parseLong(header.get("sequence-number")),
        list.manifests(),
        ours);
  }

  private static byte[] withoutBase(byte[] message) {
    if (message[0] != APPEND) {
      return message;
    }
    byte[] changed = message.clone();
    ByteBuffer.wrap(changed).putLong(BASE_OFFSET, Long.MAX_VALUE);
    return changed;
  }
}
