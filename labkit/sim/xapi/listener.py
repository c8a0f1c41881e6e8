"""One host's HTTP server: what comes in on a socket, and goes out again exactly as XAPI has it.

The standard library's threading server is all of HTTP that labkit has, and it is here only.
"""

import logging
import os
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from labkit.sim.xapi.failures import NoAnswer

_log = logging.getLogger(__name__)

_LONGEST_BODY = 300 * 1024
_IDLE = 300.0
"""Seconds a connection may stay silent."""
WORLD_PATH = "/labkit-world"
"""Where a server says which world it belongs to: for other programs of labkit's."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Post = Callable[[str, bytes], Page]
"""From the path and the body of a POST to its answer. Raises `NoAnswer` to hang up."""


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens at one address until closed. Raises `OSError` when it cannot."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    # On Windows the option would let two programs listen at one address.
    allow_reuse_address = os.name == "posix"

    def __init__(self, address: str, port: int, world: str, post: Post) -> None:
        self.world = world
        self.post = post
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((address, port), _Connection)
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
        connection, address = super().get_request()
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


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE
    disable_nagle_algorithm = True
    server: Listener

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self._refuse(400, "Bad Request", "The request has no length.")
        elif int(length) > _LONGEST_BODY:
            self._refuse(413, "Request Entity Too Large", "The request is too long.")
        else:
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                self.close_connection = True
                return
            try:
                self._send(self.server.post(self.path.partition("?")[0], body))
            except NoAnswer:
                self.close_connection = True

    def do_GET(self) -> None:
        if self.path == WORLD_PATH:
            self._send(Page(200, "text/plain", self.server.world.encode()))
        elif self.path == "/" and "Host" in self.headers:
            to = (("Location", f"https://{self.headers['Host']}/"),)
            self._send(Page(301, "text/html", b"", to))
        elif self.path == "/":
            self._send(Page(200, "text/html", html("XCP-ng", "A pretend host of labkit's.")))
        else:
            self._send(Page(404, "text/html", html("404 Not Found", "There is no such page.")))

    def do_OPTIONS(self) -> None:
        if self.path in ("/", "/json", "/jsonrpc"):
            allowed = (
                ("Access-Control-Allow-Headers", "X-Requested-With, Content-Type"),
                ("Access-Control-Allow-Methods", "POST, OPTIONS"),
            )
            self._send(Page(200, "text/plain", b"", allowed))
        else:
            self._send(Page(404, "text/html", html("404 Not Found", "There is no such page.")))

    def _refuse(self, status: int, title: str, why: str) -> None:
        # What follows in the connection is the body nobody read.
        self.close_connection = True
        self._send(Page(status, "text/html", html(title, why)))

    def _send(self, page: Page) -> None:
        """In one piece: two would wait for each other on a slow connection."""
        self.send_response_only(page.status)
        self.send_header("Content-Type", page.type)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.send_header("Cache-Control", "no-cache, no-store")
        self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in page.headers:
            self.send_header(name, value)
        self._headers_buffer.append(b"\r\n" + page.body)  # type: ignore[attr-defined]
        self.flush_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests carry passwords, and the terminal is the lab's."""


def html(title: str, more: str) -> bytes:
    """A page for people."""
    return (
        f"<html><body><h1>{title}</h1><h2>Additional information</h2>{more}</body></html>"
    ).encode()
