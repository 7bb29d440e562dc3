package io.datashard.internal.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only a folder that nobody else can enter or has made will do. */
class MachineFolderTest {
  private MeetingPlace here;
  private Path folder;

  @BeforeEach
  void open() throws IOException {
    here = new MeetingPlace();
    folder = here.folder.resolve("f");
  }

  @AfterEach
  void close() throws IOException {
    here.close();
  }

  @Test
  void missingFolderIsMadeForItsOwnerAlone() throws IOException {
    assertThat(MachineFolder.at(folder).path()).isEqualTo(folder.toRealPath());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    assertThat(MachineFolder.at(folder).owner()).isEqualTo(Files.getOwner(folder));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void folderThatOthersCanEnterIsRefused() throws IOException {
    Files.createDirectory(folder);
    for (String mode : new String[] {"rwx--x---", "rwxrwxrwx", "rwx---r--"}) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
      assertThatThrownBy(() -> MachineFolder.at(folder))
          .isInstanceOf(IOException.class)
          .hasMessage(
              folder
                  + " has the permissions "
                  + mode
                  + "; it must have rwx------, so that only its owner gets in.");
    }
  }

  @Test
  void folderOfSomebodyElseIsRefused() throws IOException {
    MachineFolder.at(folder);
    UserPrincipal nobody = give(folder, "nobody");
    assumeTrue(nobody != null, "only root can give a folder away");
    assertThatThrownBy(() -> MachineFolder.at(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + " belongs to nobody, not to " + System.getProperty("user.name") + ".");
  }

  private static @Nullable UserPrincipal give(Path folder, String name) {
    try {
      UserPrincipal user =
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
      Files.setOwner(folder, user);
      return user;
    } catch (IOException e) {
      return null;
    }
  }

  @Test
  void linkAndFileInPlaceOfTheFolderAreRefused() throws IOException {
    Files.createSymbolicLink(folder, here.folder);
    assertThatThrownBy(() -> MachineFolder.at(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + " is not a folder. Remove it, or name another one.");
    Files.delete(folder);
    Files.createFile(folder);
    assertThatThrownBy(() -> MachineFolder.at(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + " is not a folder. Remove it, or name another one.");
  }

  @Test
  void folderWhoseSocketsWouldHaveTooLongNamesIsRefused() throws IOException {
    int longest = 100 - 1 - 24;
    String parent = here.folder.toRealPath() + "/";
    Path fits = Path.of(parent + "x".repeat(longest - parent.length()));
    assertThat(MachineFolder.at(fits).placeOf("key", 3).toString().length() + ".sock~".length())
        .isEqualTo(100);
    Path tooLong = Path.of(fits + "x");
    assertThatThrownBy(() -> MachineFolder.at(tooLong))
        .isInstanceOf(IOException.class)
        .hasMessage(
            tooLong
                + " is too long for sockets: 101 bytes with a name, at most 100."
                + " Name a shorter folder.");
  }

  @Test
  void foldersSeeNothingOfEachOther() throws IOException {
    MachineFolder other = MachineFolder.at(folder);
    Machine machine = new LocalMachine(() -> other);
    try (Machine.Seat seat = here.machine.trySeat(MeetingPlace.KEY, 0);
        Machine.Seat same = machine.trySeat(MeetingPlace.KEY, 0)) {
      assertThat(seat).isNotNull();
      assertThat(same).isNotNull();
    }
  }

  @Test
  void withoutAFolderNothingIsShared() throws IOException {
    Machine machine = new LocalMachine(() -> null);
    assertThat(machine.isThere()).isFalse();
    assertThat(machine.trySeat(MeetingPlace.KEY, 0)).isNull();
    assertThat(machine.connect(MeetingPlace.KEY, 0, new Recorder())).isNull();
  }
}
