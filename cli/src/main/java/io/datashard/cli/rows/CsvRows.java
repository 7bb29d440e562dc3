package io.datashard.cli.rows;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import io.datashard.schema.Field;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as CSV (RFC 4180) with a header of column names, UTF-8. Values are as {@link TextValues}
 * lists them.
 *
 * <p>An empty field is null. Where that could mean something else: in an optional string column
 * {@code ""} is the empty string and nothing at all is null; in a required string column both are
 * the empty string. With a null text of the caller's, that text without quotes is null, and an
 * empty field of a string column is the empty string. A column that the header lacks is null.
 */
public final class CsvRows {
  private static final int FIELD_CHARS_MAX = Lines.LINE_BYTES_MAX;

  private final RowSink sink;
  private final @Nullable String nullText;

  /** One record: its fields, and which of them were in quotes. */
  private record Parsed(long line, List<String> fields, boolean[] quoted) {
    boolean isBlank() {
      return fields.size() == 1 && fields.get(0).isEmpty() && !quoted[0];
    }
  }

  /** Collects the fields of a record. */
  private static final class Collector extends AbstractBaseCsvCallbackHandler<Parsed> {
    private long line;
    private List<String> fields = new ArrayList<>();
    private boolean[] quoted = new boolean[16];

    @Override
    protected void handleBegin(long startingLineNumber) {
      line = startingLineNumber;
      fields = new ArrayList<>(fields.size());
    }

    @Override
    protected void handleField(int place, char[] text, int start, int length, boolean inQuotes) {
      if (place >= quoted.length) {
        quoted = Arrays.copyOf(quoted, quoted.length * 2);
      }
      quoted[place] = inQuotes;
      fields.add(new String(text, start, length));
    }

    /** A blank line has one field with nothing in it. */
    @Override
    protected Parsed buildRecord() {
      if (fields.isEmpty()) {
        fields.add("");
        quoted[0] = false;
      }
      return new Parsed(line, fields, quoted);
    }
  }

  /**
   * Rows go to this sink.
   *
   * @param nullText what else than an empty field is null; null for nothing else
   */
  public CsvRows(RowSink sink, @Nullable String nullText) {
    this.sink = sink;
    this.nullText = nullText;
  }

  /**
   * Reads all rows of a stream, each as soon as it is there.
   *
   * @param source how messages call it
   * @throws BadRowException the header or a row does not fit; the rows before it went to the sink
   */
  public void read(InputStream in, String source) throws IOException {
    InputStreamReader text =
        new InputStreamReader(
            in,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    long line = 1;
    try (CsvReader<Parsed> csv =
            CsvReader.builder()
                .skipEmptyLines(false)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .maxBufferSize(FIELD_CHARS_MAX)
                .build(new Collector(), text);
        CloseableIterator<Parsed> records = csv.iterator()) {
      int[] places = new int[0];
      while (records.hasNext()) {
        Parsed record = records.next();
        line = record.line();
        if (places.length == 0) {
          places = header(record, source);
        } else if (!record.isBlank() || places.length == 1) {
          readRow(record, places, source);
          sink.endRow(source, line);
        }
      }
    } catch (CsvParseException | UncheckedIOException e) {
      throw unreadable(e, source, line);
    } catch (CharacterCodingException e) {
      throw BadRowException.row(source, line, "after this line the file is not UTF-8.", e);
    }
  }

  private static RuntimeException unreadable(RuntimeException e, String source, long line)
      throws IOException {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CharacterCodingException) {
        return BadRowException.row(source, line, "after this line the file is not UTF-8.", e);
      }
    }
    if (e instanceof UncheckedIOException io && io.getCause() != null) {
      throw io.getCause();
    }
    return BadRowException.row(source, line, "after this line: not CSV: " + e.getMessage(), e);
  }

  /** For each field of a row the place of its column. */
  private int[] header(Parsed record, String source) {
    List<String> names = new ArrayList<>(record.fields());
    if (!names.isEmpty() && names.get(0).startsWith("\ufeff")) {
      names.set(0, names.get(0).substring(1));
    }
    int[] places = new int[names.size()];
    boolean[] there = new boolean[sink.schema().size()];
    for (int i = 0; i < places.length; i++) {
      String name = names.get(i);
      if (!sink.schema().has(name)) {
        throw BadRowException.row(
            source,
            record.line(),
            "the header names '"
                + name
                + "', which is no column. Columns: "
                + String.join(", ", sink.schema().names())
                + ".",
            null);
      }
      places[i] = sink.schema().placeOf(name);
      if (there[places[i]]) {
        throw BadRowException.row(
            source, record.line(), "the header names '" + name + "' twice.", null);
      }
      there[places[i]] = true;
    }
    for (int i = 0; i < there.length; i++) {
      if (!there[i] && sink.schema().field(i).required()) {
        throw BadRowException.row(
            source,
            record.line(),
            "the header lacks '" + sink.schema().field(i).name() + "', which is required.",
            null);
      }
    }
    return places;
  }

  private void readRow(Parsed record, int[] places, String source) {
    if (record.fields().size() != places.length) {
      throw BadRowException.row(
          source,
          record.line(),
          "there are " + record.fields().size() + " fields, the header has " + places.length + ".",
          null);
    }
    boolean[] filled = new boolean[sink.schema().size()];
    for (int i = 0; i < places.length; i++) {
      Field field = sink.schema().field(places[i]);
      filled[places[i]] = true;
      try {
        add(field, places[i], record.fields().get(i), record.quoted()[i]);
      } catch (IllegalArgumentException e) {
        throw BadRowException.value(source, record.line(), field.name(), e.getMessage() + ".", e);
      }
    }
    for (int i = 0; i < filled.length; i++) {
      if (!filled[i]) {
        sink.column(i).addNull(); // the header was checked: the column is optional
      }
    }
  }

  private void add(Field field, int place, String text, boolean quoted) {
    if (isNull(field, text, quoted)) {
      sink.column(place).addNull();
    } else {
      sink.column(place).add(TextValues.parse(field.type(), text));
    }
  }

  private boolean isNull(Field field, String text, boolean quoted) {
    if (nullText != null && !quoted && text.equals(nullText)) {
      return true;
    }
    if (!text.isEmpty()) {
      return false;
    }
    if (field.type().kind() == Type.Kind.STRING) {
      return nullText == null && !quoted && !field.required();
    }
    return true;
  }
}
