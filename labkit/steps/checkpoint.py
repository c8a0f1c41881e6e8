"""Checkpoints: snapshots of all machines of a lab, taken as one and returned to as one.

A pool is spread over its hosts: each remembers who is master, what it was last told and when.
Snapshots taken at different moments would be hosts that disagree about that. So all machines
are paused together while the snapshots are taken, memory included; where the disk has no room
for their memory they are shut down in order instead.
"""

from dataclasses import dataclass

from labkit.errors import LabError
from labkit.lab import Lab
from labkit.reach import answer_of, await_xapi, machine_of, on, pool_of, uuid_of
from labkit.vbox.driver import Power, Stop
from labkit.wait import NotYet, wait_for
from labkit.xapi.pool import shut_down_host

_PREFIX = "labkit-"
_SPARE = 2 * 1024**3
"""Bytes to leave free on the disk: the machines go on writing."""
_LONGEST_SHUTDOWN = 10 * 60.0


def snapshot_name(stage: str) -> str:
    """What a stage's checkpoint is called in VirtualBox."""
    return f"{_PREFIX}{stage}"


def missing(lab: Lab, stage: str) -> tuple[str, ...]:
    """The hosts whose machine has no snapshot of that stage."""
    return tuple(
        host
        for host in lab.scenario.hosts
        if (machine := lab.machine(host)) is None or snapshot_name(stage) not in machine.snapshots
    )


@dataclass(frozen=True, slots=True)
class TakeCheckpoint:
    """Keep the lab as it is at the end of a stage."""

    stage: str

    @property
    def title(self) -> str:
        return f"Take the checkpoint `{self.stage}`"

    def done(self, lab: Lab) -> bool:
        """Also where the lab is past the stage: what would be kept now is something else."""
        return not missing(lab, self.stage) or (self.stage == "hosts" and _joined(lab))

    def run(self, lab: Lab) -> None:
        # Half a checkpoint, left by a run that was killed, is of another moment.
        self._forget(lab)
        if lab.backend.free(lab.home.path) > _memory(lab) + _SPARE:
            self._take_paused(lab)
        else:
            lab.progress(self.title, "no room for the machines' memory: shutting them down first")
            self._take_shut_down(lab)

    def undo(self, lab: Lab) -> None:
        for host in lab.scenario.hosts:
            machine = lab.machine(host)
            if machine is not None and machine.power is Power.PAUSED:
                lab.backend.driver.start(machine.name)
        self._forget(lab)

    def _forget(self, lab: Lab) -> None:
        for host in lab.scenario.hosts:
            machine = lab.machine(host)
            if machine is not None and snapshot_name(self.stage) in machine.snapshots:
                lab.backend.driver.delete_snapshot(machine.name, snapshot_name(self.stage))

    def _take_paused(self, lab: Lab) -> None:
        driver = lab.backend.driver
        names = [machine_of(lab, host).name for host in lab.scenario.hosts]
        for name in names:
            driver.pause(name)
        for name in names:
            driver.take_snapshot(name, snapshot_name(self.stage))
        for name in names:
            driver.start(name)

    def _take_shut_down(self, lab: Lab) -> None:
        driver = lab.backend.driver
        # The master last: members without one cannot be told anything any more. The storage
        # server after it: no host lets go of its disks before.
        master, nas = lab.scenario.pool.master if lab.scenario.pool else "", lab.scenario.nas
        in_order = sorted(lab.scenario.hosts, key=lambda host: (host == nas, host == master))
        for host in in_order:
            _shut_down(lab, host, master)
        for host in in_order:
            driver.take_snapshot(machine_of(lab, host).name, snapshot_name(self.stage))
        for host in reversed(in_order):
            driver.start(machine_of(lab, host).name)
        for host in reversed(in_order):
            if host != nas:
                await_xapi(lab, host)


@dataclass(frozen=True, slots=True)
class RestoreCheckpoint:
    """Bring all machines of a lab back to a checkpoint, switched off or with their memory."""

    stage: str

    @property
    def title(self) -> str:
        return f"Bring all machines back to `{self.stage}`"

    def done(self, lab: Lab) -> bool:
        """Never: what has changed since the checkpoint is exactly what nobody can ask."""
        return False

    def run(self, lab: Lab) -> None:
        absent = missing(lab, self.stage)
        if absent:
            raise LabError(
                f"{lab.name} has no complete checkpoint `{self.stage}`.",
                details=f"Without it: {', '.join(absent)}.",
                hint=f"`labkit up {lab.name}` takes one at the end of each stage.",
            )
        driver = lab.backend.driver
        names = [machine_of(lab, host).name for host in lab.scenario.hosts]
        # All off before the first goes back: two times must not talk to each other.
        for name in names:
            driver.stop(name, Stop.CUT)
        for name in names:
            driver.restore_snapshot(name, snapshot_name(self.stage))

    def undo(self, lab: Lab) -> None:
        """What was before is gone. The next `reset` starts over."""


def _joined(lab: Lab) -> bool:
    if lab.scenario.pool is None:
        return False
    pool = pool_of(lab)
    return pool is not None and len(pool.members) > 1


def _memory(lab: Lab) -> int:
    return sum(host.memory for host in lab.scenario.hosts.values()) * 1024**2


def _shut_down(lab: Lab, host: str, master: str) -> None:
    machine = machine_of(lab, host)
    if machine.power is Power.OFF:
        return
    if host == lab.scenario.nas:
        lab.backend.driver.stop(machine.name, Stop.BUTTON)
    else:
        asked = host if answer_of(lab, host) == "master" else master
        with on(lab, asked) as api:
            shut_down_host(api, uuid_of(lab, host))

    def look() -> None:
        power = machine_of(lab, host).power
        if power is not Power.OFF:
            raise NotYet(f"{machine.name} is {power}")

    wait_for(
        f"The shutdown of {host}",
        look,
        seconds=_LONGEST_SHUTDOWN,
        hint=f"Open {machine.name} in VirtualBox to see its screen.",
        clock=lab.backend.clock,
    )
