"""What is on the wire, byte for byte where clients are strict."""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sim.xapi.conftest import PASSWORD, Computer

LOGIN = (
    "<?xml version='1.0'?><methodCall><methodName>session.login_with_password</methodName>"
    f"<params><param><value>root</value></param><param><value>{PASSWORD}</value></param></params>"
    "</methodCall>"
)
Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]


@pytest.fixture
def ask(computer: Computer) -> Iterator[Ask]:
    """One keep-alive connection to xcp00."""
    parts = urlsplit(computer.url("xcp00"))
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)

    def request(
        method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response, response.read()

    yield request
    connection.close()


def login(ask: Ask) -> str:
    _, body = ask("POST", "/", LOGIN)
    return body.decode().partition("OpaqueRef:")[2].partition("<")[0]


def test_an_answer_is_compact_and_its_type_names_no_charset(ask: Ask) -> None:
    response, body = ask("POST", "/RPC2", LOGIN)
    assert (response.status, response.reason, response.version) == (200, "OK", 11)
    assert response.headers["Content-Type"] == "text/xml"
    assert response.headers["Content-Length"] == str(len(body))
    assert response.headers["Connection"] == "keep-alive"
    assert response.headers["Cache-Control"] == "no-cache, no-store"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    ref = body.decode().partition("OpaqueRef:")[2].partition("<")[0]
    assert body.decode() == (
        '<?xml version="1.0"?><methodResponse><params><param><value><struct>'
        "<member><name>Status</name><value>Success</value></member>"
        f"<member><name>Value</name><value>OpaqueRef:{ref}</value></member>"
        "</struct></value></param></params></methodResponse>"
    )


def test_a_failure_in_xml(ask: Ask) -> None:
    _, body = ask("POST", "/", "<methodCall><methodName>a.b</methodName></methodCall>")
    assert body.decode().endswith(
        "<value><struct><member><name>Status</name><value>Failure</value></member>"
        "<member><name>ErrorDescription</name><value><array><data>"
        "<value>MESSAGE_METHOD_UNKNOWN</value><value>a.b</value>"
        "</data></array></value></member></struct></value></param></params></methodResponse>"
    )


def test_values_in_xml(ask: Ask) -> None:
    session = f"OpaqueRef:{login(ask)}"

    def field(message: str, ref: str) -> str:
        call = (
            f"<methodCall><methodName>{message}</methodName><params>"
            f"<param><value><string>{session}</string></value></param>"
            f"<param><value>{ref}</value></param></params></methodCall>"
        )
        body = ask("POST", "/", call)[1].decode()
        return body.partition("<name>Value</name>")[2].partition("</member>")[0]

    found = json.loads(ask("POST", "/jsonrpc", rpc("host.get_all", session))[1])["result"][0]
    assert field("host.get_API_version_major", found) == "<value>2</value>"
    assert field("host.get_enabled", found) == "<value><boolean>1</boolean></value>"
    assert field("host.get_servertime", found).startswith("<value><dateTime.iso8601>20260101T00:0")
    assert field("host.get_suspend_image_sr", "x") == ""
    assert field("host.get_tags", found) == "<value><array><data></data></array></value>"
    assert field("host.get_local_cache_sr", found) == "<value>OpaqueRef:NULL</value>"
    assert field("host.get_hostname", found) == "<value>xcp00</value>"


@pytest.mark.parametrize("path", ["/", "/RPC2", "/json", "/xmlrpc", "/what/ever", "/?a=b"])
def test_any_path_unknown_to_post_is_xml_rpc(ask: Ask, path: str) -> None:
    assert b"<name>Status</name><value>Success</value>" in ask("POST", path, LOGIN)[1]


def rpc(method: str, *params: Any, **more: Any) -> str:
    return json.dumps({"method": method, "params": params, "id": 7} | more)


def test_json_rpc_2(ask: Ask) -> None:
    response, body = ask(
        "POST", "/jsonrpc", rpc("session.login_with_password", "root", PASSWORD, jsonrpc="2.0")
    )
    assert response.headers["Content-Type"] == "application/json"
    assert body.startswith(b'{"jsonrpc":"2.0","result":"OpaqueRef:')
    session = json.loads(body)["result"]
    [host] = json.loads(ask("POST", "/jsonrpc", rpc("host.get_all", session))[1])["result"]
    call = rpc("host.get_API_version_major", session, host, jsonrpc="2.0", id="seven")
    assert ask("POST", "/jsonrpc", call)[1] == b'{"jsonrpc":"2.0","result":2,"id":"seven"}'
    assert ask("POST", "/jsonrpc", rpc("a.b", jsonrpc="2.0"))[1] == (
        b'{"jsonrpc":"2.0","error":{"code":1,"message":"MESSAGE_METHOD_UNKNOWN","data":["a.b"]},'
        b'"id":7}'
    )


def test_json_rpc_1(ask: Ask) -> None:
    assert ask("POST", "/jsonrpc", rpc("a.b"))[1] == (
        b'{"result":null,"error":["MESSAGE_METHOD_UNKNOWN","a.b"],"id":7}'
    )
    _, body = ask("POST", "/jsonrpc", rpc("session.login_with_password", "root", PASSWORD))
    assert body.startswith(b'{"result":"OpaqueRef:')
    assert body.endswith(b',"error":null,"id":7}')


def test_the_list_of_methods_needs_no_session_and_has_no_envelope(ask: Ask) -> None:
    _, body = ask(
        "POST", "/", "<methodCall><methodName>system.listMethods</methodName></methodCall>"
    )
    assert b"Status" not in body
    assert body.count(b"<value>") > 1900
    assert b"<value>pool.join</value>" in body


BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>'
    "<methodCall><methodName>&c;</methodName></methodCall>"
)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", ""),
        ("/", "nonsense"),
        ("/", "<methodCall>"),
        ("/", "<methodCall></methodCall>"),
        ("/", "<a/>"),
        ("/", BOMB),
        ("/", BOMB.encode("utf-16")),
        ("/", LOGIN.replace("<value>root</value>", "<value><int>one</int></value>")),
        ("/", LOGIN.replace("<value>root</value>", "<value><nil/></value>")),
        ("/", LOGIN.replace("<value>root</value>", "<value><base64>AA==</base64></value>")),
        ("/", LOGIN.replace("<value>root</value>", "<value><odd>1</odd></value>")),
        ("/", "<params><param><value></value></param></params></array>"),
        ("/", LOGIN.replace("<value>root</value>", "<value><struct><name/></struct></value>")),
        ("/", LOGIN.replace("<value>root</value>", "<value><boolean>maybe</boolean></value>")),
        ("/", LOGIN.replace("<value>root</value>", "<value><array><data>" * 8000)),
        (
            "/",
            LOGIN.replace("root", "<array><data><value>" * 5000 + "</value></data></array>" * 5000),
        ),
        ("/jsonrpc", ""),
        ("/jsonrpc", "{"),
        ("/jsonrpc", "[]"),
        ("/jsonrpc", '{"method":"a.b","id":1}'),
        ("/jsonrpc", '{"method":"a.b","params":[],"id":null}'),
        ("/jsonrpc", '{"method":7,"params":[],"id":1}'),
        ("/jsonrpc", "[" * 100_000),
        ("/jsonrpc", b"\xff\xfe\x00"),
    ],
)
def test_what_is_no_call_gets_a_page(ask: Ask, path: str, body: str | bytes) -> None:
    response, page = ask("POST", path, body)
    assert response.status == 500
    assert b"Additional information" in page
    assert b"Traceback" not in page
    # The connection is still good.
    assert ask("POST", "/", LOGIN)[0].status == 200


def test_a_body_that_is_too_long_or_has_no_length(ask: Ask) -> None:
    assert ask("POST", "/", b" " * (300 * 1024 + 1))[0].status == 413
    assert ask("POST", "/", b"", **{"Content-Length": "many"})[0].status == 400


def test_the_web_root_points_to_https(ask: Ask) -> None:
    response, _ = ask("GET", "/")
    assert response.status == 301
    assert response.headers["Location"].startswith("https://127.0.1.200:")
    assert ask("GET", "/nowhere")[0].status == 404
    assert ask("OPTIONS", "/jsonrpc")[0].headers["Access-Control-Allow-Origin"] == "*"
