package io.datashard.internal.relay;

import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.ForwardingStorage;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/** Holds the creation of versions up while it is closed. */
final class Gate extends ForwardingStorage {
  /** Closed while it has something to count. */
  volatile CountDownLatch open = new CountDownLatch(0);

  /** Somebody stands before it. */
  final CountDownLatch reached = new CountDownLatch(1);

  Gate(Storage storage) {
    super(storage);
  }

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content) {
    try {
      CountDownLatch gate = open;
      if (gate.getCount() > 0) {
        reached.countDown();
        gate.await();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return super.createExclusive(key, content);
  }
}
