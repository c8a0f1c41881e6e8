"""Below the calls: what comes and goes on a connection."""

import contextlib
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from labkit.sim.xapi.listener import Listener
from labkit.sim.xapi.pages import Page
from tests.bench.pretend_pool import served
from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.wire_rows import LOGIN, xml

BODY = xml(*LOGIN).encode()


@pytest.fixture
def where(computer: Computer) -> tuple[str, int]:
    parts = urlsplit(computer.url("xcp00"))
    return parts.hostname or "", parts.port or 0


def post(*headers: str, path: str = "/", version: str = "1.1", body: bytes = BODY) -> bytes:
    """A request with the length of its body, unless there are headers instead."""
    lines = headers or (f"Content-Length: {len(body)}",)
    head = "\r\n".join([f"POST {path} HTTP/{version}", "Host: x", *lines, "", ""])
    return head.encode("latin-1") + body


def said(where: tuple[str, int], request: bytes) -> bytes:
    """All that comes back until the host hangs up, or has been silent for a while."""
    with socket.create_connection(where, timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def test_two_calls_go_over_one_connection(where: tuple[str, int]) -> None:
    answers = said(where, post() + post())
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answers.count(b"Connection: keep-alive") == 2


def test_an_old_client_is_hung_up_on_unless_it_asks(where: tuple[str, int]) -> None:
    old = said(where, post(version="1.0") + post(version="1.0"))
    assert (old.count(b"200 OK"), old.count(b"Connection: close")) == (1, 1)
    lasting = post("Connection: keep-alive", f"Content-Length: {len(BODY)}", version="1.0")
    assert said(where, lasting + lasting).count(b"Connection: keep-alive") == 2


def test_a_client_that_wants_to_be_told_to_go_on_is(where: tuple[str, int]) -> None:
    with socket.create_connection(where, timeout=10) as connection:
        asked = post(f"Content-Length: {len(BODY)}", "Expect: 100-continue", body=b"")
        connection.sendall(asked)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_would_send_too_much_is_told_before(where: tuple[str, int]) -> None:
    asked = post("Content-Length: 307201", "Expect: 100-continue", body=b"")
    assert said(where, asked).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post("X: y"), 400),
        (post("Content-Length: many"), 400),
        (post("Content-Length: -1"), 400),
        (post("Content-Length: +5"), 400),
        (post("Content-Length: \xb2"), 400),
        (post("Content-Length: 5", "Content-Length: 6"), 400),
        (post("Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
        (post("Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"), 400),
        (post("Content-Length: 307201"), 413),
        (post("Content-Length: " + "9" * 5000), 413),
        (post("Content-Length: 5", "no colon"), 400),
        (post("Content-Length : 5"), 400),
        (post(*(f"X-{number}: y" for number in range(200))), 431),
        (post("X: " + "y" * 70_000), 431),
        (post(path="/" + "y" * 70_000), 414),
        (post(version="2.0"), 505),
        (post(version="x"), 400),
        (b"POST /\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/0.9\r\n\r\n", 400),
        (b"\x16\x03\x01\x00\xa5 TLS by mistake\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"PUT /import HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"PUT /what HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"CONNECT /console HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET /rrd_updates?start=0 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: x\xff\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 301),
        (b"GET / HTTP/1.1\r\n\r\n", 200),
        (b"OPTIONS /what/ever HTTP/1.1\r\n\r\n", 200),
    ],
)
def test_what_else_is_asked_has_its_status(
    where: tuple[str, int], request_: bytes, status: int
) -> None:
    answer = said(where, request_)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"\r\nContent-Length: {len(body)}".encode() in head
    if status >= 400:
        assert b"Additional information" in body


def test_a_body_nobody_reads_is_not_the_next_request(where: tuple[str, int]) -> None:
    hidden = post()
    for method in ("GET", "OPTIONS"):
        head = f"{method} / HTTP/1.1\r\nContent-Length: {len(hidden)}\r\n\r\n".encode()
        assert said(where, head + hidden).count(b"HTTP/1.1 ") == 1


def test_a_request_that_stops_half_way_is_no_call(where: tuple[str, int]) -> None:
    for length in (5, 60, len(post()) - 1):
        answer = said(where, post()[:length])
        assert b"200 OK" not in answer


class Slow(Listener):
    idle, slowest = 0.6, 0.3


@pytest.fixture
def impatient() -> Iterator[tuple[str, int]]:
    """A listener that is as patient as a test may be."""
    listener = Slow("127.0.0.1", 0, "w", lambda path, body: Page(200, "text/xml", body))
    yield "127.0.0.1", listener.server_address[1]
    listener.close()


def hung_up_after(connection: socket.socket) -> float:
    began = time.monotonic()
    assert connection.recv(1000) == b""
    return time.monotonic() - began


def test_who_says_nothing_is_hung_up_on_later_than_who_stops_half_way(
    impatient: tuple[str, int],
) -> None:
    with socket.create_connection(impatient, timeout=10) as connection:
        assert 0.5 < hung_up_after(connection) < 3
    with socket.create_connection(impatient, timeout=10) as connection:
        connection.sendall(post()[:-1])
        assert 0.2 < hung_up_after(connection) < 0.55


def test_a_byte_now_and_then_does_not_hold_a_connection(impatient: tuple[str, int]) -> None:
    with socket.create_connection(impatient, timeout=10) as connection:
        stop = threading.Event()

        def drip() -> None:
            for byte in post():
                if stop.wait(0.05):
                    return
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        # Bytes that come later are answered by a reset.
        with contextlib.suppress(ConnectionResetError):
            assert hung_up_after(connection) < 3
        stop.set()
        dripping.join()


@pytest.mark.skipif(sys.platform != "linux", reason="reads what a program takes from /proc")
def test_a_thousand_idle_connections_are_no_burden(tmp_path: Path) -> None:
    import resource

    mine, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 1200:
        pytest.skip("this computer does not let a program open that many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4000 if most > 4000 else most, most))
    idle: list[socket.socket] = []
    try:
        with served(tmp_path / "sim", hosts=1, vms=0) as (url, program):
            parts = urlsplit(url)
            there = (parts.hostname or "", parts.port or 0)
            before, alone = _mib(program), _typical(there)
            for number in range(1000):
                connection = socket.create_connection(there, timeout=10)
                idle.append(connection)
                if number % 2:
                    # Half a request is worse than none.
                    connection.sendall(post()[: number % len(post())])
            time.sleep(0.2)
            assert _typical(there) < max(0.05, 5 * alone)
            assert _mib(program) - before < 100
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (mine, most))


def _mib(program: int) -> float:
    status = Path(f"/proc/{program}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _typical(there: tuple[str, int]) -> float:
    """Seconds that a call takes, most often."""
    took = []
    for _ in range(21):
        began = time.perf_counter()
        assert b"Success" in said(there, post())
        took.append(time.perf_counter() - began)
    return statistics.median(took)
