package io.datashard.internal.env;

import static io.datashard.internal.env.MeetingPlace.KEY;
import static io.datashard.internal.env.Recorder.message;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever comes over a wire, and however a listener fails, harms that wire and nothing else. */
@Timeout(60)
class HostileWireTest {
  private MeetingPlace here;
  private Machine.Seat seat;
  private final Recorder heard = new Recorder();

  @BeforeEach
  void listen() throws IOException {
    here = new MeetingPlace();
    seat = requireNonNull(here.machine.trySeat(KEY, 0));
  }

  @AfterEach
  void close() throws IOException {
    seat.close();
    here.close();
  }

  private SocketChannel stranger() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(here.files().socket()));
    return channel;
  }

  private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static ByteBuffer announced(int length, String content) {
    byte[] bytes = content.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + bytes.length).putInt(length).put(bytes).flip();
  }

  /** Whether the other side closed: it sends nothing before. */
  private static boolean isClosed(SocketChannel channel) throws IOException {
    try {
      return channel.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException e) {
      return true; // reset, for it had not read all
    }
  }

  private void assertStillServing() throws Exception {
    Recorder follower = new Recorder();
    Wire wire = requireNonNull(here.machine.connect(KEY, 0, follower));
    heard.expect("opened");
    wire.send(message("well"));
    heard.expect("well").send(message("yes"));
    follower.expect("yes");
    wire.close();
    heard.expect("closed");
  }

  @Test
  void tooGreatAndNegativeLengthsCutTheWire() throws Exception {
    seat.listen(heard);
    for (int length : new int[] {Wire.MESSAGE_BYTES_MAX + 1, Integer.MAX_VALUE, -1, 1 << 31}) {
      try (SocketChannel channel = stranger()) {
        heard.expect("opened");
        write(channel, announced(2, "ok"));
        heard.expect("ok");
        write(channel, announced(length, ""));
        heard.expect("closed");
        assertThat(isClosed(channel)).isTrue();
      }
    }
    assertStillServing();
  }

  @Test
  void theLongestMessageArrivesByteByByteOrAtOnce() throws Exception {
    seat.listen(heard);
    String longest = "x".repeat(Wire.MESSAGE_BYTES_MAX);
    try (SocketChannel channel = stranger()) {
      heard.expect("opened");
      write(channel, announced(longest.length(), longest));
      heard.expect(longest);
      ByteBuffer two = ByteBuffer.allocate(100);
      two.put(announced(3, "one")).put(announced(3, "two")).flip();
      while (two.hasRemaining()) {
        write(channel, ByteBuffer.wrap(new byte[] {two.get()}));
      }
      heard.expect("one");
      heard.expect("two");
    }
    heard.expect("closed");
  }

  @Test
  void halfAMessageIsNeverHandedOn() throws Exception {
    seat.listen(heard);
    for (int bytes = 1; bytes < 9; bytes++) {
      try (SocketChannel channel = stranger()) {
        heard.expect("opened");
        write(channel, announced(5, "whole").limit(bytes));
      }
      heard.expect("closed");
    }
    assertStillServing();
  }

  @Test
  void randomBytesDoNoHarm() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    seat.listen(
        new Wire.Listener() {
          @Override
          public void received(Wire wire, ByteBuffer message) {
            assertThat(message.remaining()).isLessThanOrEqualTo(Wire.MESSAGE_BYTES_MAX);
          }

          @Override
          public void closed(Wire wire) {
            heard.closed(wire);
          }
        });
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[1 + random.nextInt(100_000)];
      random.nextBytes(bytes);
      try (SocketChannel channel = stranger()) {
        write(channel, ByteBuffer.wrap(bytes));
      } catch (IOException e) {
        assertThat(e).as("seed " + seed).hasMessageMatching("Broken pipe|Connection reset.*");
      }
      heard.expect("closed");
    }
  }

  @Test
  void announcedBytesTakeNoMemoryBeforeTheyCome() throws Exception {
    seat.listen(heard);
    List<SocketChannel> channels = new ArrayList<>();
    int wires = 300; // 150 MB were announced, more than would be there
    long before = usedHeap();
    for (int i = 0; i < wires; i++) {
      SocketChannel channel = stranger();
      channels.add(channel);
      write(channel, announced(Wire.MESSAGE_BYTES_MAX, "x"));
      heard.expect("opened");
    }
    assertStillServing(); // all was read
    assertThat(usedHeap() - before).isLessThan(50L << 20);
    for (SocketChannel channel : channels) {
      channel.close();
    }
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void listenerThatThrowsLosesItsWireAndTheThreadLives() throws Exception {
    List<String> events = new ArrayList<>(); // of one thread, and read after its end was heard
    seat.listen(
        new Wire.Listener() {
          @Override
          public void opened(Wire wire) {
            heard.opened(wire);
            if (events.isEmpty()) {
              events.add("threw in opened");
              throw new IllegalStateException("a test");
            }
          }

          @Override
          public void received(Wire wire, ByteBuffer message) {
            if (message.get(message.position()) == '!') {
              events.add("threw in received");
              throw new StackOverflowError("a test");
            }
            heard.received(wire, message);
          }

          @Override
          public void closed(Wire wire) {
            heard.closed(wire);
            throw new IllegalStateException("a test");
          }
        });
    Recorder first = new Recorder();
    assertThat(here.machine.connect(KEY, 0, first)).isNotNull();
    heard.expect("opened");
    heard.expect("closed");
    first.expect("closed");
    Recorder second = new Recorder();
    Wire wire = requireNonNull(here.machine.connect(KEY, 0, second));
    heard.expect("opened");
    wire.send(message("good"));
    heard.expect("good");
    wire.send(message("!"));
    wire.send(message("never handed on"));
    heard.expect("closed");
    second.expect("closed");
    assertThat(events).containsExactly("threw in opened", "threw in received");
    assertStillServing();
  }

  @Test
  void staleSocketOfADeadHolderLeadsToNobody() throws Exception {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(here.files().socket()));
    }
    assertThat(here.files().socket()).exists();
    assertThat(here.machine.connect(KEY, 0, heard)).isNull();
    seat.listen(heard);
    assertStillServing();
  }

  @Test
  void anythingInThePlaceOfTheSocketLeadsToNobody() throws Exception {
    Files.writeString(here.files().socket(), "garbage");
    assertThat(here.machine.connect(KEY, 0, heard)).isNull();
    seat.listen(heard);
    assertStillServing();
  }

  @Test
  void wireThatNobodyReadsIsCutWhenTensOfMegabytesWait() throws Exception {
    seat.listen(heard);
    try (SocketChannel channel = stranger()) {
      Wire wire = heard.expect("opened");
      ByteBuffer large = ByteBuffer.allocate(Wire.MESSAGE_BYTES_MAX);
      for (int i = 0; i < 2 * (SocketWire.WAITING_BYTES_MAX >> 19); i++) {
        wire.send(large.duplicate());
      }
      heard.expect("closed");
      assertThat(channel.isOpen()).isTrue();
    }
    assertStillServing();
  }
}
