package io.datashard.internal.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of dead processes do not pile up, and those of the living stay. */
class LeftoversTest {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long NOW_MILLIS = 1_700_000_000_000L;

  private MeetingPlace here;
  private MachineFolder folder;

  @BeforeEach
  void open() throws IOException {
    here = new MeetingPlace();
    folder = MachineFolder.at(here.folder);
  }

  @AfterEach
  void close() throws IOException {
    here.close();
  }

  private void make(Path file, long ageMillis) throws IOException {
    Files.createFile(file);
    Files.setLastModifiedTime(file, FileTime.fromMillis(NOW_MILLIS - ageMillis));
  }

  private void makeSeats(int count, long ageMillis) throws IOException {
    for (int i = 0; i < count; i++) {
      SeatFiles seat = folder.seat("dead " + i, i % 4);
      make(seat.lock(), ageMillis);
      make(seat.socket(), ageMillis);
      make(seat.freshSocket(), ageMillis);
    }
    make(folder.path().resolve("owner123.tmp"), ageMillis);
    make(folder.path().resolve("some-table" + FileTurns.END), ageMillis);
  }

  @Test
  void oldFilesOfNobodyAreRemovedWithTheirSockets() throws IOException {
    makeSeats(Leftovers.FILES_MIN, 2 * HOUR_MILLIS);
    Leftovers.remove(folder.path(), NOW_MILLIS);
    assertThat(here.names()).isEmpty();
  }

  @Test
  void youngFilesAndFewFilesStay() throws IOException {
    makeSeats(Leftovers.FILES_MIN, HOUR_MILLIS / 2);
    Leftovers.remove(folder.path(), NOW_MILLIS);
    assertThat(here.names()).hasSize(3 * Leftovers.FILES_MIN + 2);
    here.close();
    here = new MeetingPlace();
    folder = MachineFolder.at(here.folder);
    makeSeats(2, 2 * HOUR_MILLIS);
    Leftovers.remove(folder.path(), NOW_MILLIS);
    assertThat(here.names()).hasSize(8);
  }

  @Test
  void filesOfOneWhoLivesStayHoweverOld() throws IOException {
    try (PartnerProcess partner = PartnerProcess.in(here.folder)) {
      partner.ask("take", "taken");
      partner.ask("echo", "listens");
      makeSeats(Leftovers.FILES_MIN, 2 * HOUR_MILLIS); // after the partner itself has looked
      Leftovers.remove(folder.path(), System.currentTimeMillis() + 2 * HOUR_MILLIS);
      assertThat(here.names())
          .containsExactlyInAnyOrder(
              here.files().lock().getFileName().toString(),
              here.files().socket().getFileName().toString());
      assertThat(here.machine.connect(MeetingPlace.KEY, 0, new Recorder())).isNotNull();
    }
  }
}
