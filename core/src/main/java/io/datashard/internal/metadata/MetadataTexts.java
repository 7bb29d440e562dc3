package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.datashard.error.CorruptTableException;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * All texts in a metadata file, wherever they stand. Other writers name files in fields that
 * DataShard does not know, such as statistics; whatever looks like a file of the table in there is
 * taken for one.
 */
public final class MetadataTexts {
  private MetadataTexts() {}

  /**
   * Hands over each text that is a value.
   *
   * @param fileName named in errors
   * @throws CorruptTableException it is no JSON
   */
  public static void forEach(byte[] metadata, String fileName, Consumer<String> use) {
    try (JsonParser in = JsonText.FACTORY.createParser(metadata)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          use.accept(in.getText());
        }
      }
    } catch (IOException e) {
      throw new CorruptTableException(fileName + " is no table metadata: " + e.getMessage(), e);
    }
  }
}
