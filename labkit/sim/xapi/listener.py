"""One address that is listened at, for one host, with TLS or without.

The standard library's threading server carries the connections
(docs/decisions/0010-the-standard-librarys-http-server.md says why).
"""

import logging
import os
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable

from labkit.sim.xapi.connection import Connection
from labkit.sim.xapi.pages import Page

_log = logging.getLogger(__name__)

_IDLE = 300.0
"""Seconds a connection may stay silent between two requests."""
_SLOWEST = 60.0
"""Seconds a request may take to come, and an answer to go."""

_FULL = 0.05
"""Seconds before the next client is let in where one could not be."""

Post = Callable[[str, bytes], Page]
"""From the path and the body of a POST to its answer. Raises `NoAnswer` to hang up."""


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens at one address until closed. Raises `OSError` when it cannot."""

    daemon_threads = True
    block_on_close = False
    # Clients come faster than threads are made; who is not queued comes again a second later.
    request_queue_size = 1024
    # On Windows the option would let two programs listen at one address.
    allow_reuse_address = os.name == "posix"
    idle = _IDLE
    slowest = _SLOWEST

    def __init__(
        self,
        address: str,
        port: int,
        world: str,
        post: Post,
        *,
        tls: ssl.SSLContext | None = None,
        https_port: int | None = None,
    ) -> None:
        self.world = world
        self.post = post
        self.https_port = 0 if tls is not None else https_port
        """Where the same host is reached by HTTPS; 0: here."""
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((address, port), Connection)
        threading.Thread(
            target=self.serve_forever, args=(0.05,), name=f"xapi {address}", daemon=True
        ).start()

    def close(self) -> None:
        """Stop listening and hang up on everybody."""
        self.shutdown()
        self.server_close()
        with self._guard:
            for connection in self._open:
                # It may just have hung up itself.
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def get_request(self) -> tuple[socket.socket, object]:
        try:
            connection, address = super().get_request()
        except OSError:
            # Too many open files, most likely: who waits is let in when others have gone.
            time.sleep(_FULL)
            raise
        if self._tls is not None:
            # Shaking hands is for the connection's own thread: a client may take his time.
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        with self._guard:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is its own affair; all else is a bug of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            _log.exception("the pretend XAPI lost a connection")
