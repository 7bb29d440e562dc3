package io.datashard.interop.siege;

import io.datashard.DataShard;
import io.datashard.table.Verification;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One siege: many writers, readers beside them, and what is done to them meanwhile. */
final class Siege implements AutoCloseable {
  private static final String HEAP = "-Xmx48m";

  private final Plan plan;
  private final Path work;
  private final Path table;
  private final @Nullable Path python;
  private final Random random;
  private final List<Path> machineFolders = new ArrayList<>();
  private final List<Besieged> writers = new ArrayList<>();
  private final List<Besieged> readers = new ArrayList<>();
  private final List<String> said = new ArrayList<>();
  private int started;
  private int kills;
  private int killedCommitters;
  private int freezes;
  private int fullTimes;
  private double seconds;

  /**
   * What is done.
   *
   * @param processes how many write at once
   * @param threads of each
   * @param appends of each thread; 0 for as many as it takes to {@code kills} and {@code seconds}
   * @param seconds how long it goes on at least, if {@code appends} is 0
   * @param kills how many processes are killed, each replaced at once
   * @param freezes how often one is frozen for up to five seconds
   * @param groups in how many groups processes can reach each other
   * @param readers how many of ours read along
   * @param foreign whether PyIceberg reads along
   * @param fullTimes how often the disk is full for a while
   */
  record Plan(
      int processes,
      int threads,
      int appends,
      int seconds,
      int kills,
      int freezes,
      int groups,
      int readers,
      boolean foreign,
      int fullTimes,
      long seed) {}

  /**
   * A siege that has not begun.
   *
   * @param disk an empty folder, on the file system that the table is to be on
   * @param work an empty folder elsewhere, for journals and the like
   * @param python an interpreter with PyIceberg; null if none is needed
   */
  Siege(Plan plan, Path disk, Path work, @Nullable Path python) throws IOException {
    this.plan = plan;
    this.work = work;
    this.python = python;
    this.random = new Random(plan.seed());
    this.table = disk.resolve("t");
    for (int i = 0; i < plan.groups(); i++) {
      machineFolders.add(work.resolve("m" + i));
    }
    Files.createDirectories(journals());
    DataShard.createTable(table, SiegeWriter.SCHEMA).close();
  }

  private Path journals() {
    return work.resolve("journals");
  }

  private Besieged writer() throws IOException {
    String name = "w" + started++;
    Path machine = machineFolders.get(started % machineFolders.size());
    return Besieged.java(
        name,
        work,
        Map.of("DATASHARD_MACHINE_DIR", machine.toString()),
        HEAP,
        List.of(
            SiegeWriter.class.getName(),
            table.toString(),
            journals().toString(),
            name,
            String.valueOf(plan.threads()),
            String.valueOf(plan.appends())));
  }

  /** Plays it. */
  void run() throws IOException, InterruptedException {
    startReaders();
    for (int i = 0; i < plan.processes(); i++) {
      writers.add(writer());
    }
    for (Besieged each : writers) {
      each.awaitReady();
    }
    long start = System.nanoTime();
    for (Besieged each : writers) {
      each.go();
    }
    if (plan.appends() == 0) {
      trouble(start);
    }
    for (Besieged each : writers) {
      if (plan.appends() == 0) {
        each.end();
      } else {
        each.awaitEnd();
      }
    }
    seconds = (System.nanoTime() - start) / 1e9;
    for (Besieged each : readers) {
      said.add(each.name() + ": " + each.end());
    }
  }

  private void startReaders() throws IOException, InterruptedException {
    for (int i = 0; i < plan.readers(); i++) {
      readers.add(
          Besieged.java(
              "r" + i,
              work,
              Map.of(),
              "-Xmx512m",
              List.of(SiegeReader.class.getName(), table.toString())));
    }
    if (plan.foreign() && python != null) {
      readers.add(
          Besieged.start(
              "pyiceberg",
              work,
              Map.of("PYTHONUTF8", "1"),
              List.of(
                  python.toString(),
                  "-B",
                  Path.of(System.getProperty("basedir", ""), "src/test/python/siege_reader.py")
                      .toAbsolutePath()
                      .toString(),
                  table.toString())));
    }
    for (Besieged each : readers) {
      each.awaitReady();
    }
  }

  /** Kills, freezes and fills the disk, spread over the time at random. */
  private void trouble(long start) throws IOException, InterruptedException {
    List<Integer> deeds = new ArrayList<>();
    deeds.addAll(Collections.nCopies(plan.kills(), 0));
    deeds.addAll(Collections.nCopies(plan.freezes(), 1));
    deeds.addAll(Collections.nCopies(plan.fullTimes(), 2));
    Collections.shuffle(deeds, random);
    long end = start + plan.seconds() * 1_000_000_000L;
    for (int i = 0; i < deeds.size() || System.nanoTime() < end; i++) {
      long left = Math.max(0, end - System.nanoTime()) / 1_000_000;
      int deedsLeft = Math.max(1, deeds.size() - i);
      Thread.sleep(Math.min(5_000, (long) (random.nextDouble() * 2 * left / deedsLeft)));
      if (i < deeds.size()) {
        switch (deeds.get(i)) {
          case 0 -> kill();
          case 1 -> freeze();
          default -> fill();
        }
      }
      requireReaders();
    }
  }

  private void requireReaders() throws IOException, InterruptedException {
    for (Besieged each : readers) {
      if (!each.isAlive()) {
        each.awaitEnd(); // tells why
        throw new IllegalStateException(each.name() + " ended by itself");
      }
    }
  }

  /** Every other time whoever commits for a machine, else anybody. */
  private int victim() throws IOException {
    if (random.nextBoolean()) {
      Set<Long> committers = Committers.in(machineFolders);
      for (int i = 0; i < writers.size(); i++) {
        if (committers.contains(writers.get(i).pid())) {
          return i;
        }
      }
    }
    return random.nextInt(writers.size());
  }

  private void kill() throws IOException, InterruptedException {
    int place = victim();
    Besieged victim = writers.get(place);
    if (Committers.in(machineFolders).contains(victim.pid())) {
      killedCommitters++;
    }
    victim.kill();
    kills++;
    Besieged next = writer();
    writers.set(place, next);
    Thread begin =
        new Thread(
            () -> {
              try {
                next.awaitReady();
                next.go();
              } catch (IOException | InterruptedException e) {
                // it was killed before it began
              }
            });
    begin.setDaemon(true);
    begin.start();
  }

  private void freeze() throws IOException, InterruptedException {
    Besieged victim = writers.get(victim());
    if (victim.isFrozen() || !victim.isAlive()) {
      return;
    }
    victim.freeze();
    freezes++;
    long millis = 100 + random.nextInt(4_900);
    Thread later =
        new Thread(
            () -> {
              try {
                Thread.sleep(millis);
                victim.resume();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    later.start();
  }

  /** Writes a file until nothing fits any more, and removes it after a while. */
  private void fill() throws IOException, InterruptedException {
    Path ballast = table.resolveSibling("ballast");
    byte[] zeros = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(zeros);
      }
    } catch (IOException e) {
      fullTimes++; // as it was meant
    }
    Thread.sleep(500 + random.nextInt(2_500));
    Files.delete(ballast);
  }

  /** What is wrong with the table afterwards; empty if nothing. */
  List<String> judge() throws IOException {
    Judge judge = new Judge(journals());
    List<String> wrong = judge.judge(table);
    Verification found = DataShard.verify(table.toString()).run();
    found.damages().forEach(damage -> wrong.add(damage.toString()));
    System.out.printf(
        Locale.ROOT,
        "%n| siege | |%n| --- | --- |%n"
            + "| writers | %d processes x %d threads, %d groups |%n"
            + "| time | %.0f s |%n"
            + "| done to them | %d killed (%d of them committed for others), %d frozen,"
            + " disk full %d times |%n"
            + "| appends acknowledged | %d, %.0f/s |%n"
            + "| failed / unknown / never answered | %d / %d / %d |%n"
            + "| time of an append, ms | median %.1f, p99 %.1f, slowest %.0f |%n"
            + "| readers | %s |%n"
            + "| versions kept, snapshots, files that nothing names | %d, %d, %d |%n"
            + "| lost, doubled, by half, out of order | %d |%n",
        plan.processes(),
        plan.threads(),
        plan.groups(),
        seconds,
        kills,
        killedCommitters,
        freezes,
        fullTimes,
        judge.count('a'),
        judge.count('a') / seconds,
        judge.count('f'),
        judge.count('u'),
        judge.count('s'),
        judge.millis(500),
        judge.millis(990),
        judge.millis(1_000),
        String.join("; ", said),
        found.counts().versions(),
        found.counts().snapshots(),
        found.counts().orphanFiles(),
        wrong.size());
    judge.reasons().forEach((reason, count) -> System.out.println(count + " x " + reason));
    return wrong;
  }

  @Override
  public void close() {
    for (Besieged each : writers) {
      closeQuietly(each);
    }
    readers.forEach(Siege::closeQuietly);
  }

  private static void closeQuietly(Besieged each) {
    try {
      each.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
