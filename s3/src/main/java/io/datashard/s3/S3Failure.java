package io.datashard.s3;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * What went wrong with a request, and what that means for it. Its text holds no key (I9): of what
 * the SDK throws only type, text and stack are kept, and the text is searched for keys.
 */
final class S3Failure extends Exception {
  private static final long serialVersionUID = 1L;

  /** What an error says of the request that got it. */
  enum Meaning {
    /** It was not carried out because its condition does not hold (412). */
    TAKEN,
    /** There is no such thing (404). */
    MISSING,
    /** The object ends before (416). */
    BEYOND,
    /** It was not carried out and will not be, however often it is sent. */
    REFUSED,
    /** It was not carried out; sent again it may be. */
    AGAIN,
    /**
     * Nobody answered, or the answer does not tell: it may have been carried out, or be carried out
     * later. Most errors of a server are such: MinIO answers 503 when some of its disks took a
     * write, and a proxy answers 502 and 504 for a server that goes on working.
     */
    UNKNOWN
  }

  private final Meaning meaning;
  private final int status;
  private final String code;
  private final boolean inDoubt;

  private S3Failure(
      Meaning meaning,
      int status,
      String code,
      String message,
      boolean inDoubt,
      @Nullable Throwable cause) {
    super(message, cause);
    this.meaning = meaning;
    this.status = status;
    this.code = code;
    this.inDoubt = inDoubt;
  }

  Meaning meaning() {
    return meaning;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  boolean is(Meaning wanted) {
    return meaning == wanted;
  }

  /** The store's word, such as {@code NoSuchBucket}; "" if there is none. */
  String code() {
    return code;
  }

  int status() {
    return status;
  }

  /** Whether this or an earlier try of the same operation may have been carried out. */
  boolean inDoubt() {
    return inDoubt || meaning == Meaning.UNKNOWN;
  }

  /** The same, after these many tries. */
  S3Failure afterTries(int tries, boolean doubtBefore, String why) {
    String message = getMessage() + (tries == 1 ? "" : ", after " + tries + " tries") + why;
    return new S3Failure(meaning, status, code, message, inDoubt() || doubtBefore, getCause());
  }

  /** An answer that is not what was asked for. */
  static S3Failure unknown(String message) {
    return new S3Failure(Meaning.UNKNOWN, 0, "", message, true, null);
  }

  /** An answer that will not get better. */
  static S3Failure refused(String message, @Nullable Throwable cause) {
    return new S3Failure(Meaning.REFUSED, 0, "", message, false, cause);
  }

  /**
   * What an exception of the SDK means.
   *
   * @param clean takes keys out of a text
   */
  static S3Failure of(RuntimeException thrown, UnaryOperator<String> clean) {
    if (thrown instanceof AwsServiceException answered) {
      return answered(answered, clean);
    }
    Throwable io = firstIo(thrown);
    String said = clean.apply(textOf(io == null ? thrown : io));
    Throwable cause = withoutKeys(thrown, clean);
    if (thrown instanceof ApiCallAttemptTimeoutException
        || thrown instanceof ApiCallTimeoutException
        || thrown instanceof AbortedException) {
      return new S3Failure(
          Meaning.UNKNOWN, 0, "", "no answer in the time that it may take", true, cause);
    }
    return new S3Failure(meaningOf(io), 0, "", said, false, cause);
  }

  private static Meaning meaningOf(@Nullable Throwable io) {
    // Nothing was sent in these cases: a request begins when the connection stands.
    if (io instanceof UnknownHostException || io instanceof SSLHandshakeException) {
      return Meaning.REFUSED;
    }
    if (io instanceof ConnectException || io instanceof NoRouteToHostException) {
      return Meaning.AGAIN;
    }
    if (io instanceof SocketTimeoutException
        && String.valueOf(io.getMessage()).toLowerCase(Locale.ROOT).contains("connect timed out")) {
      return Meaning.AGAIN;
    }
    return Meaning.UNKNOWN;
  }

  private static @Nullable Throwable firstIo(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof IOException) {
        return each;
      }
    }
    return null;
  }

  private static String textOf(Throwable thrown) {
    String message = thrown.getMessage();
    if (thrown instanceof UnknownHostException) {
      return "there is no host '" + message + "'";
    }
    return message == null || thrown instanceof EOFException
        ? thrown.getClass().getSimpleName()
        : message;
  }

  private static S3Failure answered(AwsServiceException answer, UnaryOperator<String> clean) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    String said = details == null || details.errorMessage() == null ? "" : details.errorMessage();
    int status = answer.statusCode();
    String request = answer.requestId() == null ? "" : ", request " + answer.requestId();
    String message =
        status
            + (code.isEmpty() || code.equals(Integer.toString(status)) ? "" : " " + code)
            + (said.isEmpty() || said.equals(code) ? "" : ": " + said.replaceFirst("\\.$", ""))
            + request;
    return new S3Failure(
        meaningOf(status, code),
        status,
        code,
        clean.apply(message),
        false,
        withoutKeys(answer, clean));
  }

  private static Meaning meaningOf(int status, String code) {
    switch (status) {
      case 404:
        return Meaning.MISSING;
      case 412:
        return Meaning.TAKEN;
      case 416:
        return Meaning.BEYOND;
      case 409: // another request for this key was under way
        return code.isEmpty()
                || code.equals("409")
                || code.contains("Conflict")
                || code.equals("OperationAborted")
            ? Meaning.AGAIN
            : Meaning.REFUSED;
      case 429:
        return Meaning.AGAIN;
      case 400: // the body did not arrive in time
        return code.equals("RequestTimeout") ? Meaning.AGAIN : Meaning.REFUSED;
      case 403:
        return code.equals("RequestTimeTooSkewed") ? Meaning.AGAIN : Meaning.REFUSED;
      case 501:
        return Meaning.REFUSED;
      case 408:
        return Meaning.UNKNOWN;
      default:
        return status >= 500 || status < 300 ? Meaning.UNKNOWN : Meaning.REFUSED;
    }
  }

  /** Type, text and stack of an exception; what else it holds may be a request with its keys. */
  private static Throwable withoutKeys(Throwable thrown, UnaryOperator<String> clean) {
    Throwable cause = thrown.getCause();
    String message = thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
    IOException copy =
        new IOException(
            clean.apply(message),
            cause == null || cause == thrown ? null : withoutKeys(cause, clean));
    copy.setStackTrace(thrown.getStackTrace());
    return copy;
  }
}
