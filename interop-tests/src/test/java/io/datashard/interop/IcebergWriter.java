package io.datashard.interop;

import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/** Writes tables with iceberg-core, as its Java users do. */
final class IcebergWriter {
  private final Table table;
  private final Schema schema;

  private IcebergWriter(Table table, Schema schema) {
    this.table = table;
    this.schema = schema;
  }

  static org.apache.iceberg.Schema foreign(Schema schema) {
    return SchemaParser.fromJson(schema.toJson());
  }

  /** Creates a table in a folder; a null spec means unpartitioned. */
  static IcebergWriter create(
      Path folder, Schema schema, @Nullable PartitionSpec spec, Map<String, String> properties) {
    Table table =
        new HadoopTables(new Configuration())
            .create(
                foreign(schema),
                spec == null ? PartitionSpec.unpartitioned() : spec,
                properties,
                "file://" + folder);
    return new IcebergWriter(table, schema);
  }

  Table table() {
    return table;
  }

  /** Appends rows in one commit, one file for each partition. */
  IcebergWriter append(List<? extends Map<String, @Nullable Object>> rows) {
    Map<PartitionKey, List<Record>> byPartition = new LinkedHashMap<>();
    InternalRecordWrapper internal = new InternalRecordWrapper(table.schema().asStruct());
    PartitionKey key = new PartitionKey(table.spec(), table.schema());
    for (Map<String, @Nullable Object> row : rows) {
      Record record = record(row);
      key.partition(internal.wrap(record));
      byPartition.computeIfAbsent(key.copy(), k -> new ArrayList<>()).add(record);
    }
    AppendFiles append = table.newAppend();
    byPartition.forEach((partition, records) -> append.appendFile(write(partition, records)));
    append.commit();
    return this;
  }

  private org.apache.iceberg.DataFile write(PartitionKey partition, List<Record> records) {
    String name = UUID.randomUUID() + ".parquet";
    OutputFile file = table.io().newOutputFile(table.locationProvider().newDataLocation(name));
    try {
      DataWriter<Record> writer =
          Parquet.writeData(file)
              .forTable(table)
              .withPartition(partition)
              .createWriterFunc(GenericParquetWriter::create)
              .build();
      try (writer) {
        writer.write(records);
      }
      return writer.toDataFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Record record(Map<String, @Nullable Object> row) {
    Record record = GenericRecord.create(table.schema());
    for (Field field : schema.fields()) {
      Object value = row.get(field.name());
      if (value instanceof Instant instant) {
        value = instant.atOffset(ZoneOffset.UTC);
      } else if (value instanceof byte[] bytes && field.type() == Type.BINARY) {
        value = ByteBuffer.wrap(bytes);
      }
      record.setField(field.name(), value);
    }
    return record;
  }
}
