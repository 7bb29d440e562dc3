package io.datashard.benchmarks.buckets;

import io.datashard.testkit.s3.RealServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** How many requests the server answers, asked by the plain SDK from this very machine. */
final class Probe {
  private static final byte[] CONTENT = new byte[16 << 10];

  private Probe() {}

  /** Requests a second, half of them exclusive creates of 16 KiB, half reads of the same. */
  static double perSecond(URI endpoint, int threads, long millis) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (S3Client s3 = client(endpoint)) {
      long start = System.nanoTime();
      long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        String prefix = "probe/" + start + "/" + i + "/";
        all.add(() -> ask(s3, prefix, end));
      }
      int requests = 0;
      for (Future<Integer> each : pool.invokeAll(all)) {
        requests += each.get();
      }
      return requests * 1e9 / (System.nanoTime() - start);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the server does not answer: " + e.getCause(), e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static int ask(S3Client s3, String prefix, long end) {
    int requests = 0;
    while (System.nanoTime() < end) {
      String key = prefix + requests;
      s3.putObject(
          r -> r.bucket(RealServer.BUCKET).key(key).ifNoneMatch("*"),
          RequestBody.fromBytes(CONTENT));
      s3.getObjectAsBytes(r -> r.bucket(RealServer.BUCKET).key(key));
      requests += 2;
    }
    return requests;
  }

  private static S3Client client(URI endpoint) {
    return S3Client.builder()
        .endpointOverride(endpoint)
        .forcePathStyle(true)
        .region(Region.US_EAST_1)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(RealServer.ACCESS_KEY, RealServer.SECRET_KEY)))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }
}
