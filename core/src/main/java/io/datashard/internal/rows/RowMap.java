package io.datashard.internal.rows;

import java.io.Serializable;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A row as a map: an array of values, and names that all rows share, so without an object for each
 * entry. It may be changed like a {@link LinkedHashMap}; with the first key that comes or goes it
 * turns into one.
 */
final class RowMap extends AbstractMap<String, @Nullable Object> implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The keys of rows, in order. */
  static final class Names {
    private final String[] names;
    private final Map<String, Integer> places;

    /** These names, all different. */
    Names(String[] names) {
      this.names = new String[names.length];
      this.places = new HashMap<>(names.length * 2);
      for (int i = 0; i < names.length; i++) {
        this.names[i] = names[i].intern(); // most keys that are asked for are literals
        places.put(this.names[i], i);
      }
    }

    int size() {
      return names.length;
    }

    int placeOf(@Nullable Object key) {
      for (int i = 0; i < names.length; i++) {
        if (isSame(names[i], key)) {
          return i;
        }
      }
      Integer place = places.get(key);
      return place == null ? -1 : place;
    }

    @SuppressWarnings("ReferenceEquality") // a quick look; whoever differs is compared by value
    private static boolean isSame(String name, @Nullable Object key) {
      return name == key;
    }
  }

  private final transient Names names;
  private final transient @Nullable Object[] values;

  /** All of the map, once it has other keys than the names. */
  private transient @Nullable Map<String, @Nullable Object> changed;

  /**
   * A row.
   *
   * @param values one for each name; the map's own from now on
   */
  RowMap(Names names, @Nullable Object[] values) {
    this.names = names;
    this.values = values;
  }

  private Map<String, @Nullable Object> change() {
    Map<String, @Nullable Object> all = changed;
    if (all == null) {
      all = copy();
      changed = all;
    }
    return all;
  }

  private Map<String, @Nullable Object> copy() {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(values.length * 2);
    forEach(all::put);
    return all;
  }

  @Override
  public int size() {
    return changed == null ? values.length : changed.size();
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return changed == null ? names.placeOf(key) >= 0 : changed.containsKey(key);
  }

  @Override
  public @Nullable Object get(@Nullable Object key) {
    if (changed != null) {
      return changed.get(key);
    }
    int place = names.placeOf(key);
    return place < 0 ? null : values[place];
  }

  @Override
  public @Nullable Object put(String key, @Nullable Object value) {
    int place = changed == null ? names.placeOf(key) : -1;
    return place < 0 ? change().put(key, value) : set(place, value);
  }

  private @Nullable Object set(int place, @Nullable Object value) {
    Object old = values[place];
    values[place] = value;
    return old;
  }

  @Override
  public @Nullable Object remove(@Nullable Object key) {
    return containsKey(key) ? change().remove(key) : null;
  }

  @Override
  public void clear() {
    change().clear();
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super @Nullable Object> action) {
    if (changed != null) {
      changed.forEach(action);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      action.accept(names.names[i], values[i]);
    }
  }

  @Override
  public Set<Map.Entry<String, @Nullable Object>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return RowMap.this.size();
      }

      @Override
      public Iterator<Map.Entry<String, @Nullable Object>> iterator() {
        return changed == null ? new Entries() : changed.entrySet().iterator();
      }
    };
  }

  /** The entries of a row; goes over to those of {@link #changed} when one is removed. */
  private final class Entries implements Iterator<Map.Entry<String, @Nullable Object>> {
    private int next;
    private @Nullable Iterator<Map.Entry<String, @Nullable Object>> rest;

    @Override
    public boolean hasNext() {
      return rest == null ? next < values.length : rest.hasNext();
    }

    @Override
    public Map.Entry<String, @Nullable Object> next() {
      if (rest != null) {
        return rest.next();
      }
      if (next == values.length) {
        throw new NoSuchElementException();
      }
      return new Cell(next++);
    }

    @Override
    public void remove() {
      if (rest == null) {
        if (next == 0) {
          throw new IllegalStateException("next() has not been called.");
        }
        rest = change().entrySet().iterator();
        for (int i = 0; i < next; i++) {
          rest.next();
        }
      }
      rest.remove();
    }
  }

  /** One value of the row. */
  private final class Cell implements Map.Entry<String, @Nullable Object> {
    private final int place;

    Cell(int place) {
      this.place = place;
    }

    @Override
    public String getKey() {
      return names.names[place];
    }

    @Override
    public @Nullable Object getValue() {
      return changed == null ? values[place] : changed.get(getKey());
    }

    @Override
    public @Nullable Object setValue(@Nullable Object value) {
      return put(getKey(), value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Map.Entry<?, ?> entry
          && getKey().equals(entry.getKey())
          && Objects.equals(getValue(), entry.getValue());
    }

    @Override
    public int hashCode() {
      return getKey().hashCode() ^ Objects.hashCode(getValue());
    }

    @Override
    public String toString() {
      return getKey() + "=" + getValue();
    }
  }

  private Object writeReplace() {
    return copy();
  }
}
