package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.datashard.error.CorruptTableException;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** One snapshot as table metadata lists it. Spec: Iceberg table spec, Appendix C, "Snapshots". */
public final class SnapshotJson {
  private SnapshotJson() {}

  /**
   * The JSON object of a listed snapshot, on one line; with all fields that it was read with.
   *
   * @param metadata a version that lists it
   */
  public static String write(TableMetadata metadata, Snapshot snapshot) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator out = JsonText.FACTORY.createGenerator(text)) {
      TableMetadataJson.writeSnapshot(metadata, snapshot, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // What others wrote may be spread over lines; inside of JSON strings there are no line ends.
    return text.toString().replace('\n', ' ').replace('\r', ' ');
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param fileName named in errors
   * @throws CorruptTableException it is no snapshot
   */
  public static Snapshot read(String json, String fileName) {
    try (JsonText text = new JsonText(json)) {
      Snapshot snapshot = new MetadataParser(text, fileName).parseSnapshot();
      text.end();
      return snapshot;
    } catch (JsonProcessingException e) {
      throw new CorruptTableException(
          fileName + " holds a snapshot that is no JSON: " + e.getOriginalMessage() + ".", e);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          fileName + " holds a snapshot that is none: " + e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
