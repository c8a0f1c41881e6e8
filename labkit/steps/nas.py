"""The lab's storage server: awaited, until its shares can be mounted."""

from dataclasses import dataclass

from labkit.errors import LabError
from labkit.lab import Lab
from labkit.reach import NFS, runs, serves
from labkit.wait import NotYet, wait_for

_LONGEST_BOOT = 10 * 60.0
"""Seconds from power on to NFS."""


@dataclass(frozen=True, slots=True)
class AwaitServer:
    """Wait until a storage server can be mounted from."""

    host: str
    stage: str = "hosts"

    @property
    def title(self) -> str:
        return f"Wait for NFS on {self.host}"

    def done(self, lab: Lab) -> bool:
        return runs(lab, self.host) and serves(lab, self.host)

    def run(self, lab: Lab) -> None:
        place = lab.host(self.host)

        def look() -> None:
            if not runs(lab, self.host):
                raise LabError(
                    f"The machine of {self.host} has stopped.",
                    details=f"What its console said is in {place.serial_file}.",
                    hint=f"Run `labkit up {lab.name}` to start it again.",
                )
            if not serves(lab, self.host):
                raise NotYet(f"nobody answers at {lab.scenario.hosts[self.host].address}:{NFS}")

        wait_for(
            f"NFS on {self.host}",
            look,
            seconds=_LONGEST_BOOT,
            hint=f"Open {place.machine} in VirtualBox to see its screen. What its console said is "
            f"in {place.serial_file}.",
            clock=lab.backend.clock,
        )

    def undo(self, lab: Lab) -> None:
        """Waiting leaves nothing behind."""
