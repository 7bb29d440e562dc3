package io.datashard.benchmarks.buckets;

import io.datashard.benchmarks.compare.Orders;
import io.datashard.testkit.s3.RealServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A bucket in a real S3 server behind a {@link Proxy}, as a process that lives as long as its
 * standard input: each line is an order, each answered by one line of JSON, as {@code
 * compare.Worker} does. The words of an order are separated by tabs.
 *
 * <pre>
 * where             {"endpoint": ..., "access_key": ..., "secret_key": ..., "bucket": ...}
 * delay MILLIS      {}   each request takes so much longer
 * faults SHARE SEED {}   that share of the requests goes wrong, in one of six ways
 * clear             {}   forgets what it counted
 * count             {"methods": {"PUT": n, ...}, "ended": {"NONE": n, ...}}
 * log               {"requests": [[method, target, status, start ms, end ms], ...]}
 *     the first 1,000
 * probe THREADS MILLIS  {"requests_per_second": x}
 *     as this machine is answered, with the delay set
 * </pre>
 */
public final class FarBucket {
  private final Proxy proxy;

  FarBucket(Proxy proxy) {
    this.proxy = proxy;
  }

  /** Folder of the server's program, folder of its data. */
  public static void main(String[] args) throws IOException {
    RealServer.Outcome found = RealServer.install(RealServer.Kind.VERSITYGW, Path.of(args[0]));
    Path program = found.program();
    if (program == null) {
      throw new IllegalStateException("There is no S3 server to measure: " + found.reason());
    }
    try (RealServer server =
            RealServer.start(
                RealServer.Kind.VERSITYGW, program, Path.of(args[1]).toAbsolutePath());
        Proxy proxy = Proxy.before(server.endpoint())) {
      Orders.serve(new FarBucket(proxy)::answer);
    }
  }

  /** The answer to one order. */
  String answer(String order) {
    String[] words = order.split("\t");
    switch (words[0]) {
      case "where":
        return "{\"endpoint\": \"%s\", \"access_key\": \"%s\", \"secret_key\": \"%s\", \"bucket\": \"%s\"}"
            .formatted(
                proxy.endpoint(), RealServer.ACCESS_KEY, RealServer.SECRET_KEY, RealServer.BUCKET);
      case "delay":
        proxy.delay(Long.parseLong(words[1]));
        return "{}";
      case "faults":
        proxy.faults(faults(Double.parseDouble(words[1]), Long.parseLong(words[2])));
        return "{}";
      case "clear":
        proxy.clear();
        return "{}";
      case "count":
        return "{\"methods\": %s, \"ended\": %s}"
            .formatted(json(proxy.methods()), json(proxy.ended()));
      case "log":
        return "{\"requests\": [%s]}"
            .formatted(proxy.log().stream().map(FarBucket::json).collect(Collectors.joining(", ")));
      case "probe":
        double found =
            Probe.perSecond(proxy.endpoint(), Integer.parseInt(words[1]), Long.parseLong(words[2]));
        return "{\"requests_per_second\": %s}".formatted(found);
      default:
        return "{\"error\": \"There is no order '%s'.\"}".formatted(words[0]);
    }
  }

  /** Faults of all kinds alike, for so many of the requests. */
  private static Supplier<Fault> faults(double share, long seed) {
    Random random = new Random(seed);
    Fault[] all = Fault.values();
    return () -> {
      synchronized (random) {
        return random.nextDouble() < share ? all[1 + random.nextInt(all.length - 1)] : Fault.NONE;
      }
    };
  }

  private static String json(Map<?, Integer> counts) {
    return counts.entrySet().stream()
        .map(each -> "\"" + each.getKey() + "\": " + each.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String json(Proxy.Request each) {
    return String.format(
        Locale.ROOT,
        "[\"%s\", \"%s\", %d, %.3f, %.3f]",
        each.method(),
        each.target().replace("\\", "\\\\").replace("\"", "\\\""),
        each.status(),
        each.startNanos() / 1e6,
        each.endNanos() / 1e6);
  }
}
