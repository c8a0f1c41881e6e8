"""What XAPI's web server answers besides calls, and where it looks for what was asked.

Paths are matched by the longest prefix known for a method: any POST that nothing else claims is
a call in XML-RPC, so `/xmlrpc` works as well as `/RPC2`.
"""

from dataclasses import dataclass
from http import HTTPStatus

WORLD_PATH = "/labkit-world"
"""Where a server says which world it belongs to: for other programs of labkit's."""

_JSON_RPC = "/jsonrpc"
_ELSEWHERE = (
    "/services/",
    "/export",
    "/import",
    "/rrd_updates",
    "/host_rrd",
    "/vm_rrd",
    "/console",
    "/blob",
    "/remote_db_access",
    "/cli",
)
"""Beginnings of paths that are XAPI's and not simulated: disks, statistics, consoles, `xe`."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    half: bool = False
    """Only half of it gets through; then the connection ends."""


def html(title: str, more: str) -> bytes:
    """A page for people."""
    return (
        f"<html><body><h1>{title}</h1><h2>Additional information</h2>{more}</body></html>"
    ).encode()


def problem(status: int, more: str) -> Page:
    """A page that says why there is nothing else."""
    return Page(status, "text/html", html(f"{status} {phrase(status)}", more))


def phrase(status: int) -> str:
    """What a status is called in the first line of an answer."""
    return HTTPStatus(status).phrase


def is_json(path: str) -> bool:
    """Whether a POST to this path is JSON-RPC; `/json` alone is XML-RPC, too."""
    return path.startswith(_JSON_RPC)


def elsewhere(path: str) -> Page | None:
    """The answer for what a host does beside calls: none of it is simulated."""
    for known in _ELSEWHERE:
        if path.startswith(known):
            return problem(501, f"{known} is not simulated.")
    return None


def web_root(path: str, host: str | None, https_port: int | None) -> Page:
    """What GET finds. The website of XCP-ng is for HTTPS: who comes without it is sent there,
    unless he does not say where he is. `https_port` is 0 for who came by HTTPS, and None where
    nothing listens for it but would at the usual port."""
    if path != "/":
        return elsewhere(path) or problem(404, "There is no such page.")
    if host is None or https_port == 0:
        return Page(200, "text/html", html("XCP-ng", "A pretend host of labkit's."))
    where = host if https_port is None else f"{_without_port(host)}:{https_port}"
    return Page(301, "text/html", b"", (("Location", f"https://{where}/"),))


def preflight() -> Page:
    """What a browser is told that asks before it calls from another site's page."""
    allowed = (
        ("Access-Control-Allow-Headers", "X-Requested-With, Content-Type"),
        ("Access-Control-Allow-Methods", "POST, OPTIONS"),
    )
    return Page(200, "text/plain", b"", allowed)


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if port.isdigit() else host
