"""`labkit sim serve`: the pretend hosts for other programs, in the foreground until interrupted."""

import json
import queue
import socket
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import AddressValueError, IPv4Address

from labkit.backend import Backend, PretendHost, held_pretend_computer
from labkit.checks.status import look
from labkit.commands.open_lab import given_password, lab_called, open_home, written_password
from labkit.commands.up import up
from labkit.console import Console
from labkit.errors import LabError, ScenarioError
from labkit.lab import machines_of

_USER = "root"
_LAST_PORT = 65_535
_GLANCE = 1.0
"""Seconds between two looks whether somebody interrupted: Windows does not wake who waits."""


def serve(
    name: str | None,
    console: Console,
    *,
    port: int | None,
    https: bool,
    outside: str | None,
    faults: Sequence[str] = (),
) -> None:
    """Answer for all hosts of the pretend computer, those of a scenario among them, until
    interrupted. `outside` is an address of this computer's for clients on others."""
    if port is not None and not 1 <= port < _LAST_PORT:
        raise ScenarioError(
            f"`--port {port}` cannot be.",
            details="HTTPS takes the port after it.",
            hint=f"Choose one from 1 to {_LAST_PORT - 1}; above 1023 no rights are needed.",
        )
    if outside is not None:
        _is_ours(outside)
    news: queue.SimpleQueue[tuple[str, PretendHost | LabError]] = queue.SimpleQueue()
    home = open_home().path
    with held_pretend_computer(home, port=port, https=https, faults=faults) as (backend, answer):
        if name is not None:
            _bring_up(name, backend, console)
        serving = answer(outside or "", lambda what, about: news.put((what, about)))
        try:
            _tell_all(news, console, outside)
            while True:
                try:
                    _tell(*news.get(timeout=_GLANCE), console)
                except queue.Empty:
                    continue
        except KeyboardInterrupt:
            # How this command ends.
            raise SystemExit(130) from None
        finally:
            serving.close()


def _bring_up(name: str, backend: Backend, console: Console) -> None:
    """Bring the scenario's lab up unless somebody has, whatever has become of it since."""
    lab = lab_called(name, backend, open_home())
    if machines_of(backend, lab):
        password = given_password(backend) or written_password(lab)
        found = look(lab, backend, password)
        if found.state in ("up", "running", "broken"):
            for reason in found.reasons:
                console.warn(reason, f"`labkit reset {lab} --on sim` brings it back.")
            return
    with console.hushed():
        up(name, "sim", console, stage=None, lan=None, dry_run=False, backend=backend)


def _is_ours(address: str) -> None:
    """Raise `ScenarioError` when nothing can listen there."""
    try:
        wanted = IPv4Address(address)
        if wanted.is_unspecified:
            raise AddressValueError("it names no one address")
        with socket.socket() as trial:
            trial.bind((address, 0))
    except (AddressValueError, OSError) as cause:
        raise ScenarioError(
            f"`--listen {address}` is no IPv4 address of this computer.",
            details=str(cause),
            hint="Name one of its own; without `--listen` hosts answer on loopback only.",
        ) from cause


def _tell_all(
    news: "queue.SimpleQueue[tuple[str, PretendHost | LabError]]",
    console: Console,
    outside: str | None,
) -> None:
    """What there is to begin with."""
    first: list[tuple[str, PretendHost | LabError]] = []
    while not news.empty():
        first.append(news.get())
    hosts = [about for _, about in first if isinstance(about, PretendHost)]
    if console.json:
        told = {"serving": [asdict(host) for host in hosts], "user": _USER, "listen": outside}
        console.document(json.dumps(told))
    for what, about in first:
        if not console.json or isinstance(about, LabError):
            _tell(what, about, console)
    if console.json:
        return
    if not first:
        console.say("There is no host yet. Whoever comes up on this pretend computer answers.")
    if outside is None or IPv4Address(outside).is_loopback:
        console.say("Only programs on this computer reach them; `--listen ADDRESS` changes that.")
    else:
        console.warn(
            f"Whoever reaches {outside} reaches these hosts.",
            "Their records go on naming the loopback addresses, which only this computer has.",
        )
    console.say("Ctrl-C ends it; the pretend computer stays as it is.")


def _tell(what: str, about: PretendHost | LabError, console: Console) -> None:
    if isinstance(about, LabError):
        console.warn(about.what, about.hint)
    elif console.json:
        console.document(json.dumps({"event": what, **asdict(about)}))
    elif what == "gone":
        console.say(f"{about.host} ({about.address}) is gone.")
    else:
        urls = ", ".join(url for url in (about.http, about.https, *about.outside) if url)
        console.say(f"{about.host} ({about.address}) answers at {urls}", "good")
        password = about.password or "the one its lab was made with"
        console.say(f"  user {_USER}, password {password}")
