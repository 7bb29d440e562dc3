package io.datashard.internal.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A type of an Avro writer schema, with the properties that Iceberg adds. Read from JSON by hand:
 * loading the Avro library costs a short command more than all its work. Spec: Apache Avro
 * specification, "Schema Declaration"; Iceberg table spec, Appendix A, "Avro".
 */
final class AvroType {
  /** What a type is. */
  enum Kind {
    NULL,
    BOOLEAN,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    BYTES,
    STRING,
    FIXED,
    ENUM,
    RECORD,
    ARRAY,
    MAP,
    UNION
  }

  /**
   * A field of a record.
   *
   * @param id Iceberg's field id, -1 if there is none
   */
  record Field(String name, int id, AvroType type) {}

  private static final int DEPTH_MAX = 64;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  private final Kind kind;
  private final Map<?, ?> properties;

  /** Of a record; filled after the record itself is known, since it may hold itself. */
  private List<Field> fields = List.of();

  /** Of an array or map the items, of a union the branches. */
  private AvroType[] inner = {};

  private AvroType(Kind kind, Map<?, ?> properties) {
    this.kind = kind;
    this.properties = properties;
  }

  /**
   * Reads a writer schema.
   *
   * @throws IllegalArgumentException it is none
   */
  static AvroType parse(byte[] json) {
    Object tree;
    try (JsonParser in = FACTORY.createParser(json)) {
      in.nextToken();
      tree = tree(in);
      if (in.nextToken() != null) {
        throw new IllegalArgumentException("more follows after the schema");
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return new Parser().type(tree, "", 0);
  }

  Kind kind() {
    return kind;
  }

  List<Field> fields() {
    return fields;
  }

  /** Of an array or map. */
  AvroType items() {
    return inner[0];
  }

  List<AvroType> branches() {
    return List.of(inner);
  }

  /** Of a fixed: its length in bytes. */
  int size() {
    return number("size");
  }

  String logicalType() {
    return properties.get("logicalType") instanceof String name ? name : "";
  }

  boolean adjustToUtc() {
    return Boolean.TRUE.equals(properties.get("adjust-to-utc"));
  }

  int precision() {
    return number("precision");
  }

  int scale() {
    return number("scale");
  }

  private int number(String key) {
    return properties.get(key) instanceof Integer value ? value : 0;
  }

  /** Whether values of this type take no bytes at all. */
  boolean isEmpty() {
    return switch (kind) {
      case NULL -> true;
      case FIXED -> size() == 0;
      case RECORD -> fields.isEmpty();
      default -> false;
    };
  }

  /** Steps over a value of this type. */
  void skip(AvroInput in) {
    skip(in, 0);
  }

  private void skip(AvroInput in, int depth) {
    if (depth > DEPTH_MAX) {
      throw in.corrupt("values are nested more than " + DEPTH_MAX + " deep");
    }
    switch (kind) {
      case NULL -> {}
      case BOOLEAN -> in.readBoolean();
      case INT, LONG, ENUM -> in.readLong();
      case FLOAT -> in.take(4);
      case DOUBLE -> in.take(8);
      case BYTES, STRING -> in.take(in.readLength());
      case FIXED -> in.take(size());
      case RECORD -> {
        for (Field field : fields) {
          field.type.skip(in, depth + 1);
        }
      }
      case ARRAY, MAP -> skipItems(in, depth);
      case UNION -> inner[branch(in)].skip(in, depth + 1);
    }
  }

  private void skipItems(AvroInput in, int depth) {
    boolean keyed = kind == Kind.MAP;
    boolean empty = items().isEmpty() && !keyed;
    for (long n = blockCount(in, empty); n != 0; n = blockCount(in, empty)) {
      for (long i = 0; i < n && !empty; i++) {
        if (keyed) {
          in.take(in.readLength());
        }
        items().skip(in, depth + 1);
      }
    }
  }

  private static long blockCount(AvroInput in, boolean emptyItems) {
    return in.readBlockCount(emptyItems ? 0 : 1);
  }

  /** Whether this branch of the union is null. */
  boolean isNull(int branch) {
    return inner[branch].kind == Kind.NULL;
  }

  /** Reads which branch of this union follows. */
  int branch(AvroInput in) {
    long index = in.readLong();
    if (index < 0 || index >= inner.length) {
      throw in.corrupt("branch " + index + " of a union of " + inner.length);
    }
    return (int) index;
  }

  private static @Nullable Object tree(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == null) {
      throw new IllegalArgumentException("it is empty");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String key = in.currentName();
          in.nextToken();
          all.put(key, tree(in));
        }
        yield all;
      }
      case START_ARRAY -> {
        List<@Nullable Object> all = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          all.add(tree(in));
        }
        yield all;
      }
      case VALUE_NUMBER_INT ->
          in.getNumberType() == JsonParser.NumberType.INT ? (Object) in.getIntValue() : "number";
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> in.getText();
    };
  }

  /** Builds types from the JSON tree; knows the names defined so far. */
  private static final class Parser {
    private final Map<String, AvroType> named = new HashMap<>();

    AvroType type(@Nullable Object json, String namespace, int depth) {
      if (depth > DEPTH_MAX) {
        throw new IllegalArgumentException("types are nested more than " + DEPTH_MAX + " deep");
      }
      if (json instanceof String name) {
        return byName(name, namespace, Map.of());
      }
      if (json instanceof List<?> branches) {
        AvroType union = new AvroType(Kind.UNION, Map.of());
        List<AvroType> all = new ArrayList<>();
        for (Object branch : branches) {
          all.add(type(branch, namespace, depth + 1));
        }
        union.inner = all.toArray(new AvroType[0]);
        return union;
      }
      if (!(json instanceof Map<?, ?> object)) {
        throw new IllegalArgumentException("'" + json + "' is no type");
      }
      Object type = object.get("type");
      if (!(type instanceof String)) {
        return type(type, namespace, depth + 1); // {"type": {...}}
      }
      String name = (String) type;
      return switch (name) {
        case "record", "error" -> record(object, namespace, depth);
        case "array" -> items(Kind.ARRAY, object, "items", namespace, depth);
        case "map" -> items(Kind.MAP, object, "values", namespace, depth);
        case "fixed" -> {
          AvroType fixed = new AvroType(Kind.FIXED, object);
          if (!(object.get("size") instanceof Integer size) || size < 0) {
            throw new IllegalArgumentException("a fixed has the size " + object.get("size"));
          }
          define(object, namespace, fixed);
          yield fixed;
        }
        case "enum" -> {
          AvroType symbols = new AvroType(Kind.ENUM, object);
          define(object, namespace, symbols);
          yield symbols;
        }
        default -> byName(name, namespace, object);
      };
    }

    private AvroType byName(String name, String namespace, Map<?, ?> properties) {
      Kind primitive =
          switch (name) {
            case "null", "boolean", "int", "long", "float", "double", "bytes", "string" ->
                Kind.valueOf(name.toUpperCase(Locale.ROOT));
            default -> Kind.RECORD;
          };
      if (primitive != Kind.RECORD) {
        return new AvroType(primitive, properties);
      }
      AvroType known = named.get(fullName(name, namespace));
      if (known == null) {
        known = named.get(name);
      }
      if (known == null) {
        throw new IllegalArgumentException("unknown type '" + name + "'");
      }
      return known;
    }

    private AvroType record(Map<?, ?> object, String namespace, int depth) {
      AvroType record = new AvroType(Kind.RECORD, object);
      String inside = define(object, namespace, record);
      if (!(object.get("fields") instanceof List<?> list)) {
        throw new IllegalArgumentException("a record has no fields");
      }
      List<Field> fields = new ArrayList<>();
      for (Object one : list) {
        if (!(one instanceof Map<?, ?> field)) {
          throw new IllegalArgumentException("a field is no object");
        }
        int id = field.get("field-id") instanceof Integer number ? number : -1;
        String name = String.valueOf(field.get("name"));
        fields.add(new Field(name, id, type(field.get("type"), inside, depth + 1)));
      }
      record.fields = List.copyOf(fields);
      return record;
    }

    private AvroType items(Kind kind, Map<?, ?> object, String key, String namespace, int depth) {
      AvroType list = new AvroType(kind, object);
      list.inner = new AvroType[] {type(object.get(key), namespace, depth + 1)};
      return list;
    }

    /** Makes the type known by its name; returns the namespace that holds inside it. */
    private String define(Map<?, ?> object, String namespace, AvroType type) {
      if (!(object.get("name") instanceof String name)) {
        throw new IllegalArgumentException("a " + type.kind + " has no name");
      }
      String space = object.get("namespace") instanceof String own ? own : namespace;
      String full = fullName(name, space);
      if (named.putIfAbsent(full, type) != null) {
        throw new IllegalArgumentException("the type '" + full + "' is defined twice");
      }
      int dot = full.lastIndexOf('.');
      return dot < 0 ? "" : full.substring(0, dot);
    }

    private static String fullName(String name, String namespace) {
      return name.indexOf('.') >= 0 || namespace.isEmpty() ? name : namespace + "." + name;
    }
  }
}
