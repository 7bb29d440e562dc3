package io.datashard.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A row is what a LinkedHashMap of the same entries is, whatever is done to it. */
class RowMapTest {
  private static final List<String> KEYS = List.of("a", "b", "c", "d", "e", "f");

  private static RowMap row(int size) {
    @Nullable Object[] values = new Object[size];
    for (int i = 0; i < size; i++) {
      values[i] = i == 1 ? null : i;
    }
    return new RowMap(new RowMap.Names(KEYS.subList(0, size).toArray(String[]::new)), values);
  }

  private static Map<String, @Nullable Object> oracle(int size) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put(KEYS.get(i), i == 1 ? null : i);
    }
    return map;
  }

  private static void same(Map<String, @Nullable Object> row, Map<String, @Nullable Object> map) {
    assertThat(row).isEqualTo(map).hasSameHashCodeAs(map).hasToString(map.toString());
    assertThat(map).isEqualTo(row);
    assertThat(new ArrayList<>(row.keySet())).isEqualTo(new ArrayList<>(map.keySet()));
    assertThat(new ArrayList<>(row.values())).isEqualTo(new ArrayList<>(map.values()));
    List<String> told = new ArrayList<>();
    row.forEach((key, value) -> told.add(key + "=" + value));
    assertThat(told).isEqualTo(map.entrySet().stream().map(Object::toString).toList());
  }

  @Test
  void randomChangesAreThoseOfALinkedHashMap() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      int size = random.nextInt(5);
      Map<String, @Nullable Object> row = row(size);
      Map<String, @Nullable Object> map = oracle(size);
      for (int step = 0; step < 6; step++) {
        String key = new String(KEYS.get(random.nextInt(KEYS.size())).toCharArray());
        Object value = random.nextInt(3) == 0 ? null : step * 10;
        switch (random.nextInt(9)) {
          case 0, 1 -> assertThat(row.put(key, value)).isEqualTo(map.put(key, value));
          case 2 -> assertThat(row.remove(key)).isEqualTo(map.remove(key));
          case 3 -> assertThat(row.putIfAbsent(key, value)).isEqualTo(map.putIfAbsent(key, value));
          case 4 -> {
            set(row, key, value);
            set(map, key, value);
          }
          case 5 -> {
            row.entrySet().removeIf(entry -> entry.getKey().equals(key));
            map.entrySet().removeIf(entry -> entry.getKey().equals(key));
          }
          case 6 -> assertThat(row.keySet().remove(key)).isEqualTo(map.keySet().remove(key));
          case 7 -> {
            row.replaceAll((k, v) -> v == null ? 7 : null);
            map.replaceAll((k, v) -> v == null ? 7 : null);
          }
          default -> {
            if (random.nextInt(4) == 0) {
              row.clear();
              map.clear();
            }
          }
        }
        assertThat(row.get(key)).isEqualTo(map.get(key));
        assertThat(row.containsKey(key)).isEqualTo(map.containsKey(key));
        assertThat(row.getOrDefault(key, "none")).isEqualTo(map.getOrDefault(key, "none"));
        same(row, map);
      }
    }
  }

  private static void set(Map<String, @Nullable Object> map, String key, @Nullable Object value) {
    for (Map.Entry<String, @Nullable Object> entry : map.entrySet()) {
      if (entry.getKey().equals(key)) {
        entry.setValue(value);
      }
    }
  }

  @Test
  void anEntryStaysTheMaps() {
    Map<String, @Nullable Object> row = row(3);
    Map.Entry<String, @Nullable Object> entry = row.entrySet().iterator().next();
    row.put("other", 1);
    entry.setValue("new");
    assertThat(row).containsEntry("a", "new");
    assertThat(entry).isEqualTo(Map.entry("a", "new")).hasToString("a=new");
  }

  @Test
  void iteratorsEnd() {
    Iterator<Map.Entry<String, @Nullable Object>> entries = row(1).entrySet().iterator();
    assertThatThrownBy(entries::remove).isInstanceOf(IllegalStateException.class);
    entries.next();
    assertThat(entries.hasNext()).isFalse();
    assertThatThrownBy(entries::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void otherKeysAreNotThere() {
    Map<String, @Nullable Object> row = row(3);
    assertThat(row.get(null)).isNull();
    assertThat(row.get(7)).isNull();
    assertThat(row.containsKey(null)).isFalse();
    assertThat(row.remove("z")).isNull();
    same(row, oracle(3));
  }

  @Test
  void itIsSerialized() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(row(4));
    }
    ByteArrayInputStream in = new ByteArrayInputStream(bytes.toByteArray());
    assertThat(new ObjectInputStream(in).readObject()).isEqualTo(oracle(4));
  }
}
