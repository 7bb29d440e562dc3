package io.datashard.internal.manifest;

import io.datashard.table.ManifestFile;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a manifest list holds.
 *
 * @param manifests in the order they are listed
 * @param header the file's key-value metadata as text, without Avro's own keys
 */
public record ManifestList(List<ManifestFile> manifests, Map<String, String> header) {
  public ManifestList {
    manifests = List.copyOf(manifests);
    header = Collections.unmodifiableMap(new LinkedHashMap<>(header));
  }
}
