package io.datashard.s3;

import io.datashard.error.FileMissingException;
import io.datashard.error.StorageException;
import io.datashard.s3.S3Failure.Meaning;

/** What a store's refusal means for the user, and how to mend it. */
final class S3Errors {
  private S3Errors() {}

  /**
   * @param what the work that failed, for example {@code write}
   * @param at where, as a URI
   */
  static StorageException storage(String what, String at, S3Failure failure) {
    return new StorageException(
        "Cannot " + what + " " + at + ": " + failure.getMessage() + ". " + mend(failure), failure);
  }

  /** For what reads one object that must be there. */
  static StorageException reading(String what, String at, S3Failure failure) {
    return failure.is(Meaning.MISSING) && !Requests.isNoBucket(failure)
        ? missing(at, failure)
        : storage(what, at, failure);
  }

  static FileMissingException missing(String at, S3Failure failure) {
    return new FileMissingException(
        "There is no object "
            + at
            + ". If the table was just deleted or moved, load it again from where it is now.",
        failure);
  }

  static String mend(S3Failure failure) {
    String code = failure.code();
    if (Requests.isNoBucket(failure)) {
      return "Create the bucket, or check its name and the endpoint.";
    }
    switch (code) {
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId":
        return "Check the access key and the secret key.";
      case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
        return "The credentials have expired: get new ones.";
      case "RequestTimeTooSkewed":
        return "Set the clock of this machine.";
      case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraint":
        return "Check the region (" + S3Environment.REGION + ") and the endpoint.";
      case "SlowDown", "ServiceUnavailable", "TooManyRequests":
        return "The store is overloaded: try again later.";
      default:
        break;
    }
    if (failure.status() == 403) {
      return "Allow these credentials what they lack; a user without the right to list the bucket"
          + " is told the same for an object that is not there.";
    }
    if (failure.status() == 501 || failure.status() == 405) {
      return "This store lacks what DataShard needs.";
    }
    if (failure.status() == 0) {
      return "Check the endpoint, the network and the credentials, and try again.";
    }
    return failure.is(Meaning.REFUSED)
        ? "The store does not take this request."
        : "Look after that store and try again.";
  }
}
