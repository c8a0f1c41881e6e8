"""A client that calls as fast as it is answered, in a program of its own.

    python -m tests.bench.client raw|stock URL SESSION HOST SECONDS

`raw` sends one request, made beforehand, again and again: what it takes is next to nothing beside
the answer. `stock` is the vendor's client, which takes most of the time itself.
"""

import socket
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import XenAPI


def rate(kind: str, url: str, session: str, host: str, *, clients: int, seconds: float) -> float:
    """Answers a second that so many clients get together."""
    command = [sys.executable, "-m", "tests.bench.client", kind, url, session, host, str(seconds)]
    programs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(clients)
    ]
    for program in programs:
        assert program.stdout is not None
        program.stdout.readline()
    # All at once, when all are ready.
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    return sum(int(program.communicate()[0]) for program in programs) / seconds


def request(method: str, *params: str) -> bytes:
    """A whole request, head and body. Parameters are text, or values as XML already."""
    values = (each if each.startswith("<value>") else f"<value>{each}</value>" for each in params)
    shown = "".join(f"<param>{each}</param>" for each in values)
    body = f"<methodCall><methodName>{method}</methodName><params>{shown}</params></methodCall>"
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


class Refused(Exception):
    """The call did not go well; the text is the answer."""


class Raw:
    """One connection that is kept."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = socket.create_connection((parts.hostname or "", parts.port or 0))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, sent: bytes) -> bytes:
        """The body of the answer, which has to be that of a call that went well."""
        self._connection.sendall(sent)
        got = self._connection.recv(1 << 16)
        head, _, body = got.partition(b"\r\n\r\n")
        left = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0]) - len(body)
        parts = [body]
        while left > 0:
            parts.append(self._connection.recv(1 << 18))
            left -= len(parts[-1])
        whole = b"".join(parts)
        if b"<value>Success</value>" not in whole:
            raise Refused(whole[:500].decode())
        return whole

    def close(self) -> None:
        self._connection.close()


def main(kind: str, url: str, session: str, host: str, seconds: float) -> None:
    raw, sent = Raw(url), request("host.get_name_label", session, host)
    stock: Any = XenAPI.Session(url)
    stock.host.get_name_label(session, host)
    print("ready", flush=True)
    sys.stdin.readline()
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        if kind == "raw":
            raw.ask(sent)
        else:
            stock.host.get_name_label(session, host)
        count += 1
    print(count)


if __name__ == "__main__":
    _, kind, url, session, host, length = sys.argv
    main(kind, url, session, host, float(length))
