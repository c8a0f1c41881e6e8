"""Whatever comes in: an answer or a closed connection, soon, and never a fault of our own."""

import http.client
import json
import logging
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.sim.xapi.datamodel import model_of
from tests.sim.xapi.conftest import PASSWORD, Computer
from tests.sim.xapi.test_http import post, said
from tests.sim.xapi.wire_rows import GONE, LOGIN, rpc, xml

PATIENCE = 10.0
"""Seconds after which an answer counts as a hang."""
some = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow], database=None
)

_BLOCKS = {"event.from", "event.next"}
"""Wait for as long as they are told to."""
_ENDS = {
    "session.logout",
    "session.local_logout",
    "session.logout_subject_identifier",
    "session.change_password",
    # They end the toolstack, or leave it without an address, as they should.
    "host.shutdown_agent",
    "host.restart_agent",
    "host.shutdown",
    "host.reboot",
    "host.management_disable",
    "host.management_reconfigure",
    "pool.management_reconfigure",
    "pool.designate_new_master",
    "pool.eject",
    "pool.emergency_transition_to_master",
    "pool.emergency_reset_master",
}
MESSAGES = sorted(
    name
    for name in model_of("xcp-ng-8.3").all_messages()
    if "." in name and name not in _BLOCKS | _ENDS | {"system.listMethods"}
)


class Target:
    """A host, a connection to it that is kept, and what it complained of."""

    def __init__(self, computer: Computer) -> None:
        parts = urlsplit(computer.url("xcp00"))
        self.where = (parts.hostname or "", parts.port or 0)
        self._connection = http.client.HTTPConnection(*self.where, timeout=PATIENCE)
        self.session = self.call(*LOGIN)["result"]
        hosts = self.call("host.get_all", self.session)["result"]
        self.known = [hosts[0], self.call("pool.get_all", self.session)["result"][0], GONE]

    def ask(self, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            self._connection.request("POST", path, body)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (http.client.HTTPException, ConnectionError):
            # Hung up, as after a body that is too long: that is an answer.
            self._connection.close()
            return 0, b""

    def call(self, method: str, *params: Any) -> dict[str, Any]:
        status, body = self.ask("/jsonrpc", rpc(method, *params).encode("utf-8", "replace"))
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def close(self) -> None:
        self._connection.close()


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    computer = Computer(tmp_path_factory.mktemp("fuzz") / "sim", speed=600.0)
    computer.add("xcp00")
    found = Target(computer)
    yield found
    found.close()
    computer.close()


@pytest.fixture(autouse=True)
def complaints() -> Iterator[list[str]]:
    """No answer is worth a line in the log: those are for our own faults."""
    handler = _Complaints()
    log = logging.getLogger("labkit.sim")
    log.addHandler(handler)
    yield handler.told
    log.removeHandler(handler)
    assert handler.told == []


def sound(status: int, body: bytes) -> None:
    assert status in (0, 200, 413, 500, 501), (status, body)
    assert b"Traceback" not in body
    if status == 500:
        assert b"Additional information" in body


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**301)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["OpaqueRef:NULL", "", "20260101T00:00:00Z", "1e999", "nan", "\0", "٣"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
TAGS = """methodCall methodName params param value string int i4 i8 double boolean array data
    struct member name nil base64 dateTime.iso8601 fault odd"""
tags = st.sampled_from(TAGS.split())
xml_trees = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_characters="<&"), max_size=8),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", tags, st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)


@some
@given(st.binary(max_size=300))
def test_noise(target: Target, noise: bytes) -> None:
    assert b"Traceback" not in said(target.where, noise)
    for path in ("/", "/jsonrpc"):
        sound(*target.ask(path, noise))


@some
@given(st.data())
def test_a_request_with_a_few_bytes_changed(target: Target, data: st.DataObject) -> None:
    request = bytearray(post())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(request) - 1))
        request[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not request:
            break
    cut = data.draw(st.integers(0, len(request)))
    for sent in (bytes(request), bytes(request[:cut])):
        assert b"Traceback" not in said(target.where, sent)


@some
@given(xml_trees)
def test_xml_of_any_shape(target: Target, tree: str) -> None:
    sound(*target.ask("/", tree.encode()))
    call = "<methodCall><methodName>host.get_all</methodName><params>{}</params></methodCall>"
    sound(*target.ask("/", call.format(f"<param>{tree}</param>").encode()))
    sound(*target.ask("/", call.format(f"<param><value>{tree}</value></param>").encode()))


@some
@given(json_values, json_values, json_values)
def test_json_of_any_shape(target: Target, tree: Any, params: Any, wanted: Any) -> None:
    envelope = {"method": "host.get_all", "params": params, "id": wanted, "jsonrpc": tree}
    for body in (tree, envelope):
        sound(*target.ask("/jsonrpc", json.dumps(body).encode()))


@settings(some, max_examples=600)
@given(st.sampled_from(MESSAGES), st.data())
def test_parameters_of_wrong_types(target: Target, name: str, data: st.DataObject) -> None:
    found = model_of("xcp-ng-8.3").find(name)
    assert found is not None
    count = len(found.parameters)
    known = st.sampled_from(target.known)
    params = data.draw(st.lists(known | json_values, min_size=count, max_size=count))
    prefix = data.draw(st.sampled_from(["", "Async."]))
    answer = target.call(prefix + name, *([target.session] if found.session else []), *params)
    error = answer["error"] or [""]
    if error[0] == "SESSION_INVALID":
        target.session = target.call(*LOGIN)["result"]
    assert error[0] != "INTERNAL_ERROR" or "Db_filter" in error[1], (name, params, error)


DEEP = 20_000
BOMBS: dict[str, str | bytes] = {
    "entities": '<!DOCTYPE a [<!ENTITY b "bb">'
    + "".join(f'<!ENTITY c{n} "&c{n - 1};&c{n - 1};">' for n in range(1, 40))
    + "]><methodCall><methodName>&c39;</methodName></methodCall>",
    "an entity of a file": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    "<methodCall><methodName>&b;</methodName></methodCall>",
    "a document type of elsewhere": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "deep tags": "<value>" * DEEP + "</value>" * (DEEP // 2),
    "deep arrays": xml("host.get_all", "<value>" + "<array><data><value>" * 6000),
    "many attributes": "<methodCall " + " ".join(f'a{n}=""' for n in range(20_000)) + "/>",
    "a long name": f"<methodCall><methodName>{'a' * 250_000}</methodName></methodCall>",
    "a huge number": xml("host.get_all", f"<value><int>{'9' * 200_000}</int></value>"),
    "a huge double": xml("host.get_all", "<value><double>1e400</double></value>"),
    "nulls": "\0" * 100_000,
    "utf-16": xml(*LOGIN).encode("utf-16"),
    "an encoding nobody has": '<?xml version="1.0" encoding="odd"?><a/>',
}
JSON_BOMBS: dict[str, str | bytes] = {
    "deep lists": "[" * 200_000,
    "deep and whole": rpc("host.get_all").replace("[]", "[" * 900 + "]" * 900),
    "deep objects": '{"a":' * 50_000,
    "a huge number": rpc("host.get_all").replace("[]", f"[{'9' * 200_000}]"),
    "an infinite number": rpc("task.set_progress").replace("[]", "[1, 2, Infinity]"),
    "an id that is huge": rpc("a.b").replace("7", "9" * 4000),
    "a surrogate": '{"method":"a.b\\ud800","params":[],"id":"\\ud800"}',
    "the same key twice": '{"method":"a.b","method":"c.d","params":[],"id":1}',
}


@pytest.mark.parametrize("name", [*BOMBS, *(f"json: {name}" for name in JSON_BOMBS)])
def test_bombs(target: Target, name: str) -> None:
    body = BOMBS[name] if name in BOMBS else JSON_BOMBS[name.removeprefix("json: ")]
    path = "/" if name in BOMBS else "/jsonrpc"
    status, answer = target.ask(path, body if isinstance(body, bytes) else body.encode())
    sound(status, answer)
    assert status != 0
    assert b"root:" not in answer
    assert target.call("host.get_all", target.session)["error"] is None


def test_clients_that_go_away_in_the_middle(target: Target) -> None:
    for length in range(0, len(post()), 9):
        with socket.create_connection(target.where, timeout=PATIENCE) as connection:
            connection.sendall(post()[:length])
            # A reset instead of a good-bye.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert target.call("host.get_all", target.session)["error"] is None


def test_the_password_is_still_the_same(target: Target) -> None:
    assert target.call("session.login_with_password", "root", PASSWORD)["error"] is None
