package io.datashard.internal.relay;

import io.datashard.data.Batch;
import io.datashard.internal.commit.AppendId;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Round;
import io.datashard.internal.env.Env;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.rows.DataFileWriter;
import io.datashard.internal.rows.ManyPartitions;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests that were taken from a queue together: their rows become one data file, or one for each
 * partition.
 */
final class Gathered implements Round {
  private final Committer committer;
  private final Env env;
  private final List<Request> requests;
  private @Nullable DataFileWriter written;

  /**
   * @param requests at least one, all for the same columns
   */
  Gathered(Committer committer, Env env, List<Request> requests) {
    this.committer = committer;
    this.env = env;
    this.requests = requests;
  }

  @Override
  public List<Member> members() {
    List<Member> members = new ArrayList<>(requests.size());
    for (Request request : requests) {
      boolean onlyOurs = request.peer == null && !request.handed;
      members.add(
          new Member(
              request.id,
              onlyOurs ? Long.MAX_VALUE : request.base,
              request.payload.rows(),
              request.once,
              request.payload instanceof Payload.Files files
                  ? new Brought(files.files(), files.since())
                  : null));
    }
    return members;
  }

  @Override
  public Change change(TableMetadata metadata, List<Member> members) {
    Set<AppendId> ids = new HashSet<>();
    members.forEach(member -> ids.add(member.id()));
    List<Batch> batches = new ArrayList<>();
    List<DataFile> added = new ArrayList<>();
    List<NewFile> pending = new ArrayList<>();
    for (Request request : requests) {
      if (!ids.contains(request.id)) {
        continue;
      }
      if (request.payload instanceof Payload.Rows rows) {
        batches.add(rows.batch());
      } else if (request.payload instanceof Payload.Files files) {
        added.addAll(files.files());
      }
    }
    if (!batches.isEmpty()) {
      DataFileWriter writer = write(metadata, batches);
      added.addAll(0, writer.files());
      pending.addAll(writer.pending());
    }
    if (requests.size() > 1) { // who appends alone looked himself
      ManyPartitions.warn(committer.storageForCommits().location(), added);
    }
    return new Change(
        added,
        pending,
        Set.of(),
        Set.of(),
        Map.of(),
        Set.of(),
        requests.get(0).schema,
        Change.WRITTEN_ON_DEMAND,
        null);
  }

  private DataFileWriter write(TableMetadata metadata, List<Batch> batches) {
    DataFileWriter writer =
        new DataFileWriter(committer.storageForCommits(), env, requests.get(0).schema, metadata);
    written = writer;
    writer.write(Batch.concat(batches));
    writer.finish();
    return writer;
  }

  /** Removes the file of the shared rows; who brought files of his own looks after them. */
  @Override
  public void discard() {
    DataFileWriter writer = written;
    if (writer == null) {
      return;
    }
    written = null;
    writer.close();
    Storage storage = committer.storageForCommits();
    for (DataFile file : writer.files()) {
      storage.delete(Locations.keyOf(file.location(), List.of(storage.location()), "this round"));
    }
  }
}
