"""One client's connection: requests in, answers out, for as long as he keeps it alive.

The standard library reads the requests; what is answered, and when a client is given up, is
XAPI's.
"""

import io
import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from labkit.sim.xapi import pages
from labkit.sim.xapi.failures import NoAnswer
from labkit.sim.xapi.pages import Page, problem

if TYPE_CHECKING:
    from labkit.sim.xapi.listener import Listener

_LONGEST_BODY = 300 * 1024
_FIELD_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Connection(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Listener"

    def setup(self) -> None:
        super().setup()
        self._stream = _Timed(self.request, self.server.idle, self.server.slowest)
        self.rfile = io.BufferedReader(self._stream)

    def handle_one_request(self) -> None:
        self._stream.begun = None
        super().handle_one_request()

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if self.request_version == "HTTP/0.9":
            self.send_error(400, "HTTP is spoken here in versions 1.0 and 1.1.")
            return False
        # Where the library stopped reading headers, the next request would begin in the middle.
        if self.headers.defects or not all(_FIELD_NAME.issuperset(n.lower()) for n in self.headers):
            self.send_error(400, "The headers of the request cannot be read.")
            return False
        return True

    def do_POST(self) -> None:
        path = self.path.partition("?")[0]
        page = pages.elsewhere(path)
        if page is not None:
            self._last(page)
            return
        body = self._body()
        if body is None:
            return
        try:
            self._send(self.server.post(path, body))
        except NoAnswer:
            self.close_connection = True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self._has_body():
            # Nobody reads it, and the next request would begin with it.
            self.close_connection = True
        if path == pages.WORLD_PATH:
            self._send(Page(200, "text/plain", self.server.world.encode()))
        else:
            host = self.headers.get("Host")
            if host is not None and not (host.isascii() and host.isprintable()):
                self._last(problem(400, "The name of the host is no name."))
                return
            self._send(pages.web_root(path, host, self.server.https_port))

    def do_OPTIONS(self) -> None:
        if self._has_body():
            self.close_connection = True
        self._send(pages.preflight())

    def do_PUT(self) -> None:
        path = self.path.partition("?")[0]
        self._last(pages.elsewhere(path) or problem(404, "There is no such page."))

    do_CONNECT = do_PUT  # noqa: N815  # the library looks for the method's name

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what the library cannot read, in XAPI's way."""
        self._last(problem(code, _escaped(message or "The request cannot be read.")))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests carry passwords, and the terminal is the lab's."""

    def _has_body(self) -> bool:
        return "Transfer-Encoding" in self.headers or self.headers.get("Content-Length", "0") != "0"

    def _body(self) -> bytes | None:
        """What was sent, all of it; None when that will not be, and the client was told."""
        lengths = set(self.headers.get_all("Content-Length", []))
        length = lengths.pop() if len(lengths) == 1 else ""
        if "Transfer-Encoding" in self.headers:
            self._last(problem(400, "A body has to come in one piece, with its length before it."))
        elif not (length.isascii() and length.isdigit()):
            self._last(problem(400, "The request has no length."))
        # A number of a thousand digits is not even read.
        elif len(length) > 9 or int(length) > _LONGEST_BODY:
            self._last(problem(413, "The request is too long."))
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                return body
            self.close_connection = True
        return None

    def handle_expect_100(self) -> bool:
        # Who will be refused anyway need not send it all first.
        length = self.headers.get("Content-Length", "")
        known = length.isascii() and length.isdigit() and len(length) < 10
        if known and int(length) <= _LONGEST_BODY:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _last(self, page: Page) -> None:
        """Answer, and hang up: what follows in the connection is the body nobody read."""
        self.close_connection = True
        self._send(page)

    def _send(self, page: Page) -> None:
        """In one piece: two would wait for each other on a slow connection."""
        self._stream.patient()
        self.close_connection |= page.half
        lines = [
            f"HTTP/1.1 {page.status} {pages.phrase(page.status)}",
            f"Content-Type: {page.type}",
            f"Content-Length: {len(page.body)}",
            f"Connection: {'close' if self.close_connection else 'keep-alive'}",
            "Cache-Control: no-cache, no-store",
            "Access-Control-Allow-Origin: *",
            *(f"{name}: {value}" for name, value in page.headers),
            "\r\n",
        ]
        body = page.body[: len(page.body) // 2] if page.half else page.body
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + body)


class _Timed(io.RawIOBase):
    """What a client sends. He may be silent for long between two requests; a request that has
    begun has to come to its end. Raises `TimeoutError`."""

    def __init__(self, connection: socket.socket, idle: float, slowest: float) -> None:
        super().__init__()
        self._connection = connection
        self._idle = idle
        self._slowest = slowest
        self.begun: float | None = None
        """When the request at hand began to come."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.begun is None:
            self._connection.settimeout(self._idle)
            count = self._connection.recv_into(buffer)
            self.begun = time.monotonic()
            return count
        left = self.begun + self._slowest - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)

    def patient(self) -> None:
        """An answer has time of its own."""
        self._connection.settimeout(self._slowest)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
