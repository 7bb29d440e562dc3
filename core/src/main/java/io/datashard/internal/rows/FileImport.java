package io.datashard.internal.rows;

import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.internal.parquet.FileColumn;
import io.datashard.internal.parquet.ParquetFooter;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * An existing Parquet file made a data file of a table.
 *
 * @param file what the manifest will say of it
 * @param key its key in the storage
 * @param copied whether the key was made for this import, so that giving up removes it
 * @param fingerprint how the locations of all imports of this very content start
 */
public record FileImport(DataFile file, String key, boolean copied, String fingerprint) {

  /**
   * Puts the file under the table unless it lies there, and holds its columns against the table's.
   *
   * @param spec the table's partition spec: what the file says of itself must prove that all its
   *     rows lie in one partition
   * @param idByName what column names mean in files without field ids
   * @throws SchemaMismatchException the columns do not fit; nothing is left behind
   * @throws io.datashard.error.CorruptTableException it is no sound Parquet file
   * @throws StorageException it cannot be read or linked
   */
  public static FileImport of(
      Storage storage,
      Env env,
      Schema schema,
      PartitionSpec spec,
      Map<String, Integer> idByName,
      Path source) {
    Optional<String> inside = storage.keyInside(source);
    if (inside.isPresent()) {
      String key = inside.get();
      storage.makeDurable(key); // whoever wrote it may not have
      DataFile file = described(storage, key, schema, spec, idByName, source);
      return new FileImport(file, key, false, file.location());
    }
    String start = "data/import-" + contentHash(source) + "-";
    String key = start + HexFormat.of().toHexDigits(env.randomId()) + ".parquet";
    storage.importFile(source, key);
    try {
      DataFile file = described(storage, key, schema, spec, idByName, source);
      return new FileImport(file, key, true, Locations.of(storage.location(), start));
    } catch (RuntimeException | Error e) {
      storage.delete(key);
      throw e;
    }
  }

  private static DataFile described(
      Storage storage,
      String key,
      Schema schema,
      PartitionSpec spec,
      Map<String, Integer> idByName,
      Path source) {
    try (ReadableFile file = storage.open(key, -1)) {
      ParquetFooter footer = ParquetFooter.read(file, idByName);
      FileMetrics metrics = footer.metrics(schema);
      requireFit(footer, metrics, schema, source);
      return new DataFile(
          Locations.of(storage.location(), key),
          "PARQUET",
          spec.id(),
          ImportedPartition.of(footer, metrics, schema, spec, source),
          metrics,
          null);
    }
  }

  private static void requireFit(
      ParquetFooter footer, FileMetrics metrics, Schema schema, Path source) {
    for (FileColumn column : footer.columns()) {
      Optional<Field> field = schema.fieldById(column.id());
      if (field.isEmpty() || !field.get().name().equals(column.name())) {
        throw mismatch(
            source,
            schema,
            "its column '"
                + column.name()
                + "'"
                + (footer.hasFieldIds() ? " has the field id " + column.id() + " and" : "")
                + " is none of the table's");
      }
      if (!column.readableAs(field.get().type())) {
        throw mismatch(source, schema, "its " + column + " cannot be read as " + field.get());
      }
    }
    for (Field field : schema.fields()) {
      if (!field.required() || metrics.recordCount() == 0) {
        continue;
      }
      boolean present = footer.columns().stream().anyMatch(c -> c.id() == field.id());
      if (!present) {
        throw mismatch(source, schema, "it lacks the required column '" + field.name() + "'");
      }
      boolean neverNull =
          footer.columns().stream().anyMatch(c -> c.id() == field.id() && c.required())
              || metrics.columns().containsKey(field.id())
                  && metrics.columns().get(field.id()).nullCount() == 0;
      if (!neverNull) {
        throw mismatch(
            source,
            schema,
            "its column '"
                + field.name()
                + "' holds nulls, or does not say that it holds none, and"
                + " the table requires values");
      }
    }
  }

  static SchemaMismatchException mismatch(Path source, Schema schema, String why) {
    return new SchemaMismatchException(
        "The Parquet file "
            + source
            + " does not fit the table: "
            + why
            + ". The table's columns:\n"
            + schema
            + "\nNothing was committed.");
  }

  /** 128 bits of the content's hash: enough to tell files apart, short enough for a name. */
  private static String contentHash(Path source) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(source), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256.", e);
    } catch (IOException e) {
      throw new StorageException("Cannot read " + source + ": " + e.getMessage(), e);
    }
  }
}
