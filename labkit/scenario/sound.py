"""The values of a scenario that are right on their own, whatever is wrong with the others.

Rules that span fields read these, so that one wrong value hides no other problem and is not
guessed at either.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from labkit.scenario.models import (
    HostSpec,
    InstallerSpec,
    NetworkSpec,
    Nic,
    Part,
    PoolSpec,
    ScriptSpec,
    ServerInstallerSpec,
    ServerSpec,
    StorageSpec,
)
from labkit.scenario.problem import Place

Kind = TypeVar("Kind")


class Sound:
    """The values of a scenario that are right on their own, by their place.

    What was left out has its default, and every network and host stands for its name.
    """

    def __init__(self, wanted: object, folder: Path = Path()) -> None:
        """`folder` is the scenario's own, which the files it names are beside."""
        self._values = dict(_sound(wanted, folder))

    def at(self, kind: type[Kind], *pattern: str | int) -> dict[Place, Kind]:
        """The values of one type at places such as `hosts, *, address`."""
        return {
            place: value
            for place, value in self._values.items()
            if isinstance(value, kind)
            and len(place) == len(pattern)
            and all(wish in ("*", step) for wish, step in zip(pattern, place, strict=True))
        }

    def one(self, kind: type[Kind], *place: str | int) -> Kind | None:
        """The value of one type at one place."""
        value = self._values.get(place)
        return value if isinstance(value, kind) else None

    def of_kind(self, kind: str) -> list[str]:
        """The hosts that are surely of a kind, in the order of the file."""
        kinds = self.at(str, "hosts", "*", "kind").items()
        return [str(place[1]) for place, found in kinds if found == kind]

    def management(self) -> dict[str, str]:
        """From each host to the network of its management adapter, where both are known."""
        found = {}
        for host in self.at(str, "hosts", "*"):
            nics = dict.fromkeys(place[:4] for place in self.at(object, *host, "nics", "*", "*"))
            chosen = [nic for nic in nics if self.one(str, *nic, "management")]
            if not chosen and all(self.left_out(*nic, "management") for nic in nics):
                chosen = [(*host, "nics", 0)]
            network = self.one(str, *chosen[0], "network") if chosen else None
            if network and self.one(str, "networks", network):
                found[str(host[1])] = network
        return found

    def left_out(self, *place: str | int) -> bool:
        """Whether nothing was said there, which is not the same as something wrong."""
        return self._values.get(place, ...) is None


def _sound(wanted: object, folder: Path) -> Iterator[tuple[Place, object]]:
    scenario = _values(wanted)
    yield from _fields(("installer",), InstallerSpec, scenario.get("installer"), folder)
    scripts = _values(scenario.get("installer")).get("scripts")
    for nth, script in enumerate(scripts if isinstance(scripts, list | tuple) else ()):
        yield from _fields(("installer", "scripts", nth), ScriptSpec, script, folder)
    yield from _fields(("pool",), PoolSpec, scenario.get("pool"))
    yield from _fields(("storage",), StorageSpec, scenario.get("storage", {}))
    server = _values(scenario.get("storage")).get("server", {})
    yield from _fields(("storage", "server"), ServerSpec, server)
    installer = _values(server).get("installer", {})
    yield from _fields(("storage", "server", "installer"), ServerInstallerSpec, installer)
    for name, network in _values(scenario.get("networks")).items():
        yield ("networks", name), name
        yield from _fields(("networks", name), NetworkSpec, network)
    for name, host in _values(scenario.get("hosts")).items():
        yield ("hosts", name), name
        yield from _fields(("hosts", name), HostSpec, host)
        nics = _values(host).get("nics")
        for nth, nic in enumerate(nics if isinstance(nics, list | tuple) else ()):
            yield from _fields(("hosts", name, "nics", nth), Nic, nic)
    faults = scenario.get("faults")
    for nth, fault in enumerate(faults if isinstance(faults, list | tuple) else ()):
        yield ("faults", nth), fault


def _fields(
    place: Place, part: type[Part], wanted: object, folder: Path = Path()
) -> Iterator[tuple[Place, object]]:
    """The fields of a part that are right on their own."""
    from pydantic import TypeAdapter, ValidationError

    if isinstance(wanted, part):
        yield from (((*place, name), value) for name, value in wanted)
    elif isinstance(wanted, Mapping):
        for name, field in part.model_fields.items():
            if name not in wanted:
                yield (*place, name), field.default
                continue
            wish: Any = Annotated[field.annotation, field]
            try:
                yield (
                    (*place, name),
                    TypeAdapter(wish).validate_python(wanted[name], context={"folder": folder}),
                )
            except ValidationError:
                continue  # told where the whole scenario is validated


def _values(wanted: object) -> dict[str, Any]:
    """The keys and values of what may be a part, a mapping or something wrong."""
    return dict(wanted) if isinstance(wanted, Part | Mapping) else {}
