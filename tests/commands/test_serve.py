"""`labkit sim serve`: the pretend hosts for clients that never heard of labkit."""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import XenAPI

from tests.commands.conftest import Labkit

LAB = "6J"


class Served:
    """The command at work, and what it said."""

    def __init__(self, program: "subprocess.Popen[str]") -> None:
        self.program = program
        self.first = self.next()
        self.hosts: dict[str, dict[str, Any]] = {
            host["host"]: host for host in self.first.get("serving", ())
        }

    def next(self) -> dict[str, Any]:
        assert self.program.stdout is not None
        line = self.program.stdout.readline()
        assert line, self.program.stderr.read() if self.program.stderr else ""
        found: dict[str, Any] = json.loads(line)
        return found

    def ends(self, number: signal.Signals) -> tuple[int, str]:
        """The exit code and the complaints after a signal."""
        self.program.send_signal(number)
        _, complaints = self.program.communicate(timeout=60)
        return self.program.returncode, complaints


@contextmanager
def serving(labkit: Labkit, *arguments: str, **env: str) -> Iterator[Served]:
    program = labkit.start("sim", "serve", *arguments, "--json", **env)
    try:
        yield Served(program)
    finally:
        program.kill()
        program.communicate()


@contextmanager
def client(url: str, **options: Any) -> Iterator[Any]:
    session = XenAPI.Session(url, **options)
    try:
        session.xenapi.login_with_password("root", "labkit", "1.0", "test")
        yield session.xenapi
    finally:
        session("close")()


@pytest.fixture
def up(labkit: Labkit) -> Labkit:
    labkit.good("up", LAB, "--on", "sim")
    return labkit


def test_a_lab_comes_up_and_any_client_uses_it(labkit: Labkit) -> None:
    with serving(labkit, LAB, "--https") as served:
        assert set(served.hosts) == {"xcp00", "xcp01"}
        assert (served.first["user"], served.first["listen"]) == ("root", None)
        master = served.hosts["xcp00"]
        assert master["password"] == "labkit"
        assert master["http"].startswith("http://127.0.1.200:")
        with client(master["http"]) as api:
            [pool] = api.pool.get_all()
            # Another command sees the same world, and the other way round.
            api.pool.set_name_label(pool, "renamed")
            began = time.monotonic()
            assert labkit.status()["pool"]["name"] == "renamed"
            assert time.monotonic() - began < 30
            _https(served.hosts)
            _the_same_certificate(api, master["https"])
        _new_and_gone(labkit, served)
        assert served.ends(signal.SIGTERM) == (143, "")
    assert labkit.machines() == {} or "xcp00" not in labkit.machines()


def _https(hosts: dict[str, dict[str, Any]]) -> None:
    with client(hosts["xcp00"]["https"], ignore_ssl=True) as api:
        assert len(api.host.get_all()) == 2
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        client(hosts["xcp00"]["https"]),
    ):
        pass
    parts = urlsplit(hosts["xcp00"]["http"])
    web = http.client.HTTPConnection(parts.netloc, timeout=10)
    web.request("GET", "/")
    answer = web.getresponse()
    web.close()
    assert (answer.status, answer.headers["Location"]) == (301, hosts["xcp00"]["https"] + "/")


def _the_same_certificate(api: Any, https: str) -> None:
    parts = urlsplit(https)
    assert parts.hostname is not None
    assert parts.port is not None
    for host, record in api.host.get_all_records().items():
        # There is another, which it proves itself with to the other hosts of its pool.
        [certificate] = [
            ref for ref in record["certificates"] if api.Certificate.get_type(ref) == "host"
        ]
        told = api.host.get_server_certificate(host)
        shown = ssl.get_server_certificate((record["address"], parts.port))
        assert ssl.PEM_cert_to_DER_cert(told) == ssl.PEM_cert_to_DER_cert(shown)
        assert len(api.Certificate.get_fingerprint_sha256(certificate)) == 95
        # Who trusts it need not look away.
        trusting = ssl.create_default_context(cadata=told)
        web = http.client.HTTPSConnection(
            record["address"], parts.port, context=trusting, timeout=10
        )
        web.request("GET", "/")
        assert web.getresponse().status == 200
        web.close()


def _new_and_gone(labkit: Labkit, served: Served) -> None:
    labkit.good("down", LAB, "--on", "sim")
    gone = [served.next() for _ in range(2)]
    assert {(each["event"], each["host"]) for each in gone} == {
        ("gone", "xcp00"),
        ("gone", "xcp01"),
    }
    with pytest.raises(ConnectionError):
        socket.create_connection(_where(served.hosts["xcp00"]["http"]), timeout=5)
    labkit.good("up", LAB, "--on", "sim", "--until", "hosts")
    came = {(each["event"], each["host"]) for each in (served.next(), served.next())}
    assert came == {("up", "xcp00"), ("up", "xcp01")}
    with client(served.hosts["xcp01"]["https"], ignore_ssl=True) as api:
        assert len(api.host.get_all()) == 1
    labkit.good("down", LAB, "--on", "sim")


def _where(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def test_what_is_there_is_served_at_a_port_and_an_address_by_name(up: Labkit) -> None:
    port = _free_port()
    options = ("--port", str(port), "--listen", "127.0.0.1")
    with serving(up, *options) as served:
        assert served.first["listen"] == "127.0.0.1"
        assert {host["http"] for host in served.hosts.values()} == {
            f"http://127.0.1.200:{port}",
            f"http://127.0.1.201:{port}",
        }
        outside = sorted(url for host in served.hosts.values() for url in host["outside"])
        assert outside == [f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 2}"]
        names = set()
        for host in served.hosts.values():
            session = XenAPI.Session(host["outside"][0])
            try:
                session.xenapi.login_with_password("root", "labkit")
                names.add("master")
            except XenAPI.Failure as failure:
                names.add(failure.details[0])
            session("close")()
        assert names == {"master", "HOST_IS_SLAVE"}
        with client(f"http://127.0.1.200:{port}") as api:
            api.pool.set_name_label(api.pool.get_all()[0], "written")
        assert served.ends(signal.SIGINT) == (130, "")
    # What was done is kept, and other commands find the hosts at the new port.
    assert up.status()["pool"]["name"] == "written"


def test_a_certificate_is_for_the_address_that_was_named_too(up: Labkit) -> None:
    port = str(_free_port())
    for options in ((), ("--listen", "127.0.0.1")):
        with serving(up, "--https", "--port", port, *options) as served:
            host = served.hosts["xcp00"]
            for url in (host["https"], *host["outside"][1:]):
                trusting = ssl.create_default_context(cadata=_certificate_of(host["http"]))
                assert url.startswith("https://")
                web = http.client.HTTPSConnection(
                    urlsplit(url).netloc, context=trusting, timeout=10
                )
                web.request("GET", "/")
                assert web.getresponse().status == 200
                web.close()
            for plain, secure in zip(host["outside"][::2], host["outside"][1::2], strict=True):
                site = http.client.HTTPConnection(urlsplit(plain).netloc, timeout=10)
                site.request("GET", "/")
                assert site.getresponse().headers["Location"] == f"{secure}/"
                site.close()
            served.ends(signal.SIGTERM)


def _certificate_of(url: str) -> str:
    with client(url) as api:
        told: str = api.host.get_server_certificate(api.pool.get_master(api.pool.get_all()[0]))
        return told


def test_https_is_not_upset_by_noise(up: Labkit) -> None:
    with serving(up, "--https") as served:
        where = _where(served.hosts["xcp00"]["https"])
        silent = socket.create_connection(where, timeout=10)
        for noise in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", bytes(3000)):
            with socket.create_connection(where, timeout=10) as connection:
                connection.sendall(noise)
                connection.shutdown(socket.SHUT_WR)
                # An alert, or a reset.
                with contextlib.suppress(ConnectionError):
                    connection.recv(100)
        with client(served.hosts["xcp00"]["https"], ignore_ssl=True) as api:
            assert len(api.host.get_all()) == 2
        silent.close()
        assert served.ends(signal.SIGTERM) == (143, "")


def _free_port() -> int:
    """The first of four in a row that nobody has, nor gets for a connection of his own."""
    while True:
        port = random.randrange(10_000, 19_000, 4)
        try:
            for address in ("127.0.0.1", "127.0.1.200", "127.0.1.201"):
                for number in range(port, port + 4):
                    with socket.socket() as trial:
                        trial.bind((address, number))
        except OSError:
            continue
        return port


def test_a_person_reads_where_and_who(up: Labkit) -> None:
    program = up.start("sim", "serve", LAB, PYTHONUNBUFFERED="1")
    said: list[str] = []
    assert program.stdout is not None
    while not said or "Ctrl-C" not in said[-1]:
        said.append(program.stdout.readline())
        assert said[-1], said
    program.send_signal(signal.SIGINT)
    _, complaints = program.communicate(timeout=60)
    assert (program.returncode, complaints) == (130, "")
    text = "".join(said)
    assert "xcp00 (192.168.1.200) answers at http://127.0.1.200:" in text
    assert "user root, password labkit" in text
    assert "Only programs on this computer" in text


def test_a_password_of_somebodys_own_is_not_told(labkit: Labkit) -> None:
    with serving(labkit, LAB, LABKIT_ROOT_PASSWORD="a secret") as served:
        assert {host["password"] for host in served.hosts.values()} == {None}
        assert "a secret" not in json.dumps(served.first)


@pytest.mark.parametrize(
    "options",
    [
        ("--listen", "203.0.113.9"),
        ("--listen", "0.0.0.0"),
        ("--listen", "somewhere"),
        ("--listen", "::1"),
        ("--port", "70000"),
        ("--port", "0"),
        ("--port", "65535"),
    ],
)
def test_what_cannot_be_listened_at_is_refused(labkit: Labkit, options: tuple[str, str]) -> None:
    said = labkit.bad(2, "sim", "serve", *options)
    assert " ".join(options) in said
    assert "→" in said


def test_a_scenario_that_is_not_there_is_named(labkit: Labkit) -> None:
    assert "6Z" in labkit.bad(2, "sim", "serve", "6Z")


def test_without_the_library_https_says_what_to_install(labkit: Labkit, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "cryptography"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError('not here')\n")
    path = os.pathsep.join([str(missing.parent), os.environ.get("PYTHONPATH", "")])
    said = labkit.bad(3, "sim", "serve", "--https", PYTHONPATH=path)
    assert "pip install 'labkit[serve]'" in said
