package io.datashard.storage;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of whoever names none: each location goes to the store of its scheme, and what has no
 * scheme to the one that the variable {@value #TYPE} names, which is the local file system if
 * nothing does.
 *
 * <p>Stores other than local folders come from {@link StoreProvider}s. They are looked for at the
 * first location that needs one, so a program without them pays nothing.
 */
public final class EnvironmentStore implements Store {
  /** Names the store of locations without a scheme: {@code local}, or a provider's type. */
  public static final String TYPE = "DATASHARD_STORAGE_TYPE";

  private static final Logger LOG = LoggerFactory.getLogger(EnvironmentStore.class);
  private static final String LOCAL = "local";
  private static final String OURS = "DATASHARD_";

  /** Variables of our own that belong to no store. */
  private static final Set<String> KNOWN =
      Set.of(TYPE, "DATASHARD_MACHINE_DIR", "DATASHARD_JAVA_OPTS");

  private final Map<String, String> environment;
  private final String type;
  private final LocalStore local = LocalStore.inWorkingDirectory();
  private final Map<String, Store> stores = new ConcurrentHashMap<>();
  private volatile @Nullable List<StoreProvider> providers;

  private EnvironmentStore(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    String named = this.environment.getOrDefault(TYPE, "").strip();
    this.type = named.isEmpty() ? LOCAL : named.toLowerCase(Locale.ROOT);
  }

  /** The store that these variables describe. What is wrong with them is told at first use. */
  public static EnvironmentStore of(Map<String, String> environment) {
    EnvironmentStore store = new EnvironmentStore(environment);
    store.warnOfUnknown();
    return store;
  }

  /** A misspelt variable must not go unnoticed; but what is not ours to judge is no error. */
  private void warnOfUnknown() {
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(OURS) && !KNOWN.contains(name) && !name.startsWith("DATASHARD_S3_")) {
        LOG.warn("The variable {} means nothing to DataShard; it knows {}.", name, sorted(KNOWN));
      }
    }
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", new TreeSet<>(names));
  }

  @Override
  public Storage at(String location) {
    String scheme = LocalStore.schemeOf(location);
    if (scheme.equals("file") || (scheme.isEmpty() && type.equals(LOCAL))) {
      return local.at(location);
    }
    if (scheme.isEmpty()) {
      return ofType().at(location);
    }
    for (StoreProvider each : providers()) {
      if (each.schemes().contains(scheme)) {
        return storeOf(each).at(location);
      }
    }
    if (scheme.matches("s3[an]?")) {
      throw new IllegalArgumentException(
          "Cannot open '"
              + location
              + "': tables in buckets need the module datashard-s3. Add"
              + " io.datashard:datashard-s3 to the class path, or write './"
              + location
              + "' if a local folder has this name.");
    }
    return local.at(location); // which knows what to say
  }

  private Store ofType() {
    Set<String> types = new TreeSet<>(Set.of(LOCAL));
    for (StoreProvider each : providers()) {
      if (each.type().equals(type)) {
        return storeOf(each);
      }
      types.add(each.type());
    }
    throw new IllegalArgumentException(
        "The variable "
            + TYPE
            + " is '"
            + environment.get(TYPE)
            + "'; the stores on the class path are "
            + String.join(", ", types)
            + (type.equals("s3") ? ". Add io.datashard:datashard-s3 to it." : "."));
  }

  private Store storeOf(StoreProvider provider) {
    return stores.computeIfAbsent(provider.type(), name -> provider.open(environment));
  }

  private List<StoreProvider> providers() {
    List<StoreProvider> known = providers;
    if (known == null) {
      // The loader of our own classes: a thread of a pool may have any other.
      known =
          ServiceLoader.load(StoreProvider.class, StoreProvider.class.getClassLoader()).stream()
              .map(ServiceLoader.Provider::get)
              .toList();
      providers = known;
    }
    return known;
  }
}
