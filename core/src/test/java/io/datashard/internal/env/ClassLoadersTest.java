package io.datashard.internal.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two copies of the library in one JVM, as application servers make them. The kernel frees a lock
 * when any of them closes the file, whoever locked it; so only another process can tell whether the
 * lock is still there.
 */
@Timeout(120)
class ClassLoadersTest {
  private MeetingPlace here;
  private PartnerProcess partner;

  @BeforeEach
  void open() throws IOException {
    here = new MeetingPlace();
    partner = PartnerProcess.in(here.folder);
  }

  @AfterEach
  void close() throws Exception {
    partner.close();
    partner.await();
    here.close();
  }

  /** The library once more, with statics of its own. */
  private static final class Copy implements AutoCloseable {
    private final URLClassLoader loader;
    private final Object machine;

    Copy(Path folder) throws Exception {
      List<URL> urls = new ArrayList<>();
      String classPath =
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
      for (String entry : classPath.split(File.pathSeparator)) {
        urls.add(new File(entry).toURI().toURL());
      }
      loader = new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
      Class<?> folderClass = loader.loadClass(MachineFolder.class.getName());
      Method at = folderClass.getDeclaredMethod("at", Path.class);
      at.setAccessible(true);
      Object found = at.invoke(null, folder);
      Constructor<?> make =
          loader.loadClass(LocalMachine.class.getName()).getDeclaredConstructor(Supplier.class);
      make.setAccessible(true);
      machine = make.newInstance((Supplier<Object>) () -> found);
      assertThat(machine).isNotInstanceOf(Machine.class);
    }

    @Nullable AutoCloseable trySeat() throws Exception {
      Method trySeat = machine.getClass().getDeclaredMethod("trySeat", String.class, int.class);
      trySeat.setAccessible(true);
      return (AutoCloseable) trySeat.invoke(machine, MeetingPlace.KEY, 0);
    }

    @Override
    public void close() throws IOException {
      loader.close();
    }
  }

  @Test
  void seatOfOneClassLoaderIsHeldForTheOthers() throws Exception {
    try (Copy copy = new Copy(here.folder)) {
      try (AutoCloseable seat = copy.trySeat()) {
        assertThat(seat).isNotNull();
        assertThat(here.machine.trySeat(MeetingPlace.KEY, 0)).isNull();
        partner.ask("take", "held");
      }
      try (AutoCloseable seat = here.machine.trySeat(MeetingPlace.KEY, 0)) {
        assertThat(seat).isNotNull();
        assertThat(copy.trySeat()).isNull();
        partner.ask("take", "held");
      }
      partner.ask("take", "taken");
    }
  }

  @Test
  void seatIsKeptThoughSomebodyRemovesTheSystemPropertiesThatClaimIt() throws Exception {
    try (Copy copy = new Copy(here.folder)) {
      try (AutoCloseable seat = copy.trySeat()) {
        assertThat(seat).isNotNull();
        System.clearProperty("datashard.seat." + here.files().lock());
        assertThat(here.machine.trySeat(MeetingPlace.KEY, 0)).isNull();
        assertThat(here.machine.trySeat(MeetingPlace.KEY, 0)).isNull();
        partner.ask("take", "held");
      }
      try (AutoCloseable seat = here.machine.trySeat(MeetingPlace.KEY, 0)) {
        assertThat(seat).isNotNull();
        partner.ask("take", "held");
      }
      partner.ask("take", "taken");
    }
  }
}
