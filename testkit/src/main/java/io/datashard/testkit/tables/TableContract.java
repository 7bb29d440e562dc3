package io.datashard.testkit.tables;

import org.junit.jupiter.api.Nested;

/**
 * What tables promise on every store, whatever it is made of. A store's test extends this and adds
 * the store; what only one store has, its own tests add.
 */
public abstract class TableContract {
  /** For a subclass to call. */
  protected TableContract() {}

  /** The store; one for all tests of the class. */
  protected abstract TestStore store();

  @Nested
  class Opening extends OpeningTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class Appends extends AppendTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class Scans extends ScanTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class Model extends TableModelTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class LongHistory extends LongHistoryTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class FewManifests extends FewManifestsTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class FewVersions extends FewVersionsTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class VersionRaces extends VersionRaceTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class Once extends OnceTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class CrashAnywhere extends CrashAnywhereTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class AnswerLost extends AnswerLostTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }

  @Nested
  class OrphanFiles extends OrphanFilesTests {
    @Override
    TestStore store() {
      return TableContract.this.store();
    }
  }
}
