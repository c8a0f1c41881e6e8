"""Where the contract is held: a driver, somebody who looks at what it did, and a folder."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labkit.vbox.driver import AdapterSpec, Attachment, Driver, Machine, MachineSpec
from tests.contract import witness
from tests.contract.witness import Seen, Witness

LONGEST = 60.0
"""Seconds until a guest that says something must have said it. Without a kernel driver its
processor is interpreted."""


@dataclass(frozen=True)
class Rig:
    """One driver to be held to the contract."""

    name: str
    driver: Driver
    witness: Witness
    folder: Path
    guests: bool
    """Whether code on a medium is really run."""

    def spec(self, name: str = "xcp00", **others: Any) -> MachineSpec:
        """A small machine that can be started."""
        spec = MachineSpec(
            name=name,
            folder=self.folder / name / "machine",
            group="/labkit/contract",
            cpus=1,
            memory_mib=64,
            disk_mib=1024,
            adapters=(AdapterSpec(Attachment.NAT),),
            serial_file=self.folder / name / "console.log",
            # Without a kernel driver there is nothing to hand on.
            nested=False,
            labels={"lab": "contract", "host": name},
        )
        return replace(spec, **others)

    def create(self, name: str = "xcp00", **others: Any) -> Machine:
        spec = self.spec(name, **others)
        if spec.serial_file is not None:
            spec.serial_file.parent.mkdir(parents=True, exist_ok=True)
        return self.driver.create(spec)

    def golden(self) -> Machine:
        """A machine with a snapshot to clone."""
        machine = self.create("golden", labels={"role": "golden", "generation": "any"})
        self.driver.take_snapshot("golden", "installed")
        return machine

    def clone(self, name: str = "xcp00", **others: Any) -> Machine:
        return self.driver.clone("golden", "installed", self.spec(name, **others))

    def foreign(self, name: str) -> None:
        """A machine that labkit did not make."""
        if self.name == "sim":
            self.driver.create(self.spec(name, labels={}))
        else:
            witness.run("createvm", "--name", name, "--basefolder", str(self.folder), "--register")

    def found(self, name: str = "xcp00") -> Machine:
        (machine,) = (found for found in self.driver.machines() if found.name == name)
        return machine

    def see(self, name: str = "xcp00") -> Seen:
        return self.witness.see(name)

    def seen_power(self, name: str = "xcp00") -> str:
        return self.witness.power(name)

    def interface(self) -> str:
        """An interface of the computer's."""
        return next(found.name for found in self.driver.interfaces() if found.up)

    def wait_for(self, look: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONGEST
        while not look():
            assert time.monotonic() < deadline, "it did not come"
            time.sleep(0.05)

    def clear(self) -> None:
        """Remove the machines of this test, clones before what they are clones of."""
        for _ in range(3):
            for machine in self.driver.machines():
                if machine.folder.is_relative_to(self.folder):
                    clones = [
                        other
                        for other in self.driver.machines()
                        if machine.name == "golden" and other.name != "golden"
                    ]
                    if not clones:
                        self.driver.remove(machine.name)
