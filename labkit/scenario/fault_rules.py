"""Rules about what is to go wrong."""

from collections.abc import Callable, Iterator

from labkit.errors import ScenarioError
from labkit.scenario.faults.fault import Messages
from labkit.scenario.faults.reading import read
from labkit.scenario.problem import Problem, suggestion
from labkit.scenario.sound import Sound


def faults_are_on_hosts(sound: Sound) -> Iterator[Problem]:
    """A fault that names a host names one of the scenario's."""
    known = [str(name) for _, name in sound.at(str, "hosts", "*")]
    for place, text in sound.at(str, "faults", "*").items():
        try:
            fault = read(text)
        except ScenarioError:
            continue
        named = [fault.where.host] if isinstance(fault.where, Messages) else []
        named += [fault.when.moment.host] if fault.when.moment is not None else []
        for host in named:
            if known and host is not None and host not in known:
                yield Problem(place, f"there is no host `{host}`; {suggestion(host, known)}")


RULES: tuple[Callable[[Sound], Iterator[Problem]], ...] = (faults_are_on_hosts,)
