"""Every row of the tables about envelopes and errors, byte for byte.

Only what differs from run to run is masked. `pytest tests/sim/xapi --regenerate-wire` writes the
files anew.
"""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.wire_rows import ENVELOPES, ERRORS, GONE

GOLDEN = Path(__file__).parent / "golden" / "wire"
ROWS = ENVELOPES | ERRORS
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NULL = "00000000-0000-4000-8000-000000000000"


class Asked:
    """A pool of two, and references to fill requests with."""

    def __init__(self, pool: Computer) -> None:
        self.pool = pool
        client = pool.client("xcp00")
        client.xenapi.login_with_password("root", PASSWORD)
        api = client.xenapi
        [sr, *_] = api.SR.get_all()
        host = api.host.get_by_uuid(pool.machine("xcp00").hardware_uuid)
        [here] = api.pool.get_all()
        api.pool.set_name_description(here, "a < b & c > d")
        api.pool.set_gui_config(here, {"1": "x", "a&b": "c&d"})
        api.pool.add_to_other_config(here, "here", "y")
        self.known = {
            "{session}": client.handle,
            "{host}": host,
            "{pool}": here,
            "{sr}": sr,
            "{task}": api.Async.SR.scan(sr),
            "{dom0}": api.host.get_record(host)["control_domain"],
            "{gone}": GONE,
        }

    def raw(self, path: str, body: str) -> bytes:
        """All that comes back on a connection that is closed after one request."""
        name, path = (path, "/") if path in ADDRESSES else ("xcp00", path)
        for word, ref in self.known.items():
            body = body.replace(word, ref)
        where = urlsplit(self.pool.url(name))
        head = f"POST {path} HTTP/1.0\r\nHost: x\r\nContent-Length: {len(body.encode())}\r\n\r\n"
        with socket.create_connection((where.hostname, where.port or 0), timeout=10) as connection:
            connection.sendall(head.encode() + body.encode())
            return connection.makefile("rb").read()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    computer = Computer(tmp_path_factory.mktemp("wire") / "sim", speed=0.001)
    for name in ("xcp00", "xcp01"):
        computer.add(name)
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    yield Asked(computer)
    computer.close()


def masked(answer: bytes) -> str:
    """Without what differs from run to run. The length goes first: it is checked here."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
    text = _UUID.sub(lambda found: found[0] if found[0] == _NULL else "<uuid>", body.decode())
    text = re.sub(r"20\d{6}T\d\d:\d\d:\d\dZ", "<date>", text)
    return re.sub(r"Content-Length: \d+", "Content-Length: <n>", head.decode()) + f"\n\n{text}\n"


@pytest.mark.parametrize("row", ROWS)
def test_an_answer_is_what_the_table_says(
    row: str, asked: Asked, request: pytest.FixtureRequest
) -> None:
    told = masked(asked.raw(*ROWS[row])).replace("\r\n", "\n")
    file = GOLDEN / f"{row}.http"
    if request.config.getoption("--regenerate-wire", default=False):
        file.write_text(told, encoding="utf-8", newline="\n")
    assert told == file.read_text(encoding="utf-8")


def test_there_is_no_file_without_a_row() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(ROWS)
