package io.datashard.internal.env;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
    assertThat(MachineFolder.at(fits).seat("key", 3).freshSocket().toString()).hasSize(100);
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

  private String chosen(Map<String, String> environment, String... properties) throws Exception {
    List<String> command = new ArrayList<>(PartnerProcess.java());
    command.addAll(List.of(properties));
    command.add("-Djava.io.tmpdir=" + here.folder);
    command.add(MachineChoice.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(new File("/dev/null"));
    builder.environment().remove("XDG_RUNTIME_DIR");
    builder.environment().remove("DATASHARD_MACHINE_DIR");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    String[] lines = said.split("\n");
    assertThat(lines[1]).isEqualTo(String.valueOf(!lines[0].equals("nowhere")));
    return lines[0].replaceFirst("-\\w+$", "-USER");
  }

  @Test
  void namedFolderIsTakenThenTheRuntimeFolderThenTheTemporaryOne() throws Exception {
    Path tmp = here.folder.toRealPath();
    Path run = Files.createDirectory(tmp.resolve("r"));
    Map<String, String> runtime = Map.of("XDG_RUNTIME_DIR", run.toString());
    assertThat(chosen(Map.of())).isEqualTo(tmp + "/datashard-USER");
    assertThat(chosen(runtime)).isEqualTo(run + "/datashard-USER");
    assertThat(chosen(Map.of("XDG_RUNTIME_DIR", tmp + "/missing")))
        .isEqualTo(tmp + "/datashard-USER");
    assertThat(chosen(Map.of("DATASHARD_MACHINE_DIR", folder.toString())))
        .isEqualTo(folder.toString());
    assertThat(chosen(Map.of("DATASHARD_MACHINE_DIR", "none"))).isEqualTo("nowhere");
    assertThat(chosen(runtime, "-Ddatashard.machine.folder=" + folder))
        .isEqualTo(folder.toString());
    assertThat(chosen(runtime, "-Ddatashard.machine.folder=none")).isEqualTo("nowhere");
    assertThat(chosen(runtime, "-Ddatashard.machine.folder=" + tmp + "/missing/f"))
        .as("a folder that was named and cannot be had is not replaced by another")
        .isEqualTo("nowhere");
    try (Stream<Path> left = Files.list(run)) {
      left.forEach(file -> file.toFile().delete());
    }
  }
}
