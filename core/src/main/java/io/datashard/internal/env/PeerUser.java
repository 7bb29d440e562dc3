package io.datashard.internal.env;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** Whose process is at the other end of a socket, as the kernel says. */
final class PeerUser {
  private PeerUser() {}

  /**
   * Refuses the processes of others. Where the system cannot tell, the folder's permissions must
   * do.
   *
   * @throws IOException it belongs to somebody else, or the other end is gone
   */
  static void require(UserPrincipal user, SocketChannel channel) throws IOException {
    UnixDomainPrincipal peer;
    try {
      peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
    } catch (UnsupportedOperationException | LinkageError e) {
      return;
    }
    if (!peer.user().equals(user)) {
      throw new IOException(
          "The process at the other end of "
              + channel.getRemoteAddress()
              + " belongs to "
              + peer.user().getName()
              + ", not to "
              + user.getName()
              + ".");
    }
  }
}
