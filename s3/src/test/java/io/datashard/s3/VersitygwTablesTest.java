package io.datashard.s3;

import io.datashard.testkit.s3.NeedsVersitygw;
import io.datashard.testkit.s3.Versitygw;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tables on a real server. */
@NeedsVersitygw
class VersitygwTablesTest extends S3Tables {
  private static Versitygw server;

  @BeforeAll
  static void start(@TempDir Path data) {
    server = Versitygw.start(NeedsVersitygw.Condition.program(), data);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  Map<String, String> variables() {
    return variables(
        server.endpoint().toString(), Versitygw.ACCESS_KEY, Versitygw.SECRET_KEY, "some/prefix");
  }
}
