"""What a share, a partition or a folder holds: repositories by uuid, and files."""

from typing import Any

Kept = dict[str, Any]
"""What is kept in the world."""


class Volume:
    """A place that holds storage repositories or ISOs."""

    def __init__(self, kept: Kept, size: int) -> None:
        self._kept = kept
        self._size = size

    @property
    def size(self) -> int:
        """Bytes it holds altogether."""
        return int(self._kept.get("size", self._size))

    @property
    def used(self) -> int:
        """Bytes in use."""
        disks = (disk for each in self.repositories.values() for disk in each["disks"].values())
        return sum(self.files.values()) + sum(int(disk["utilisation"]) for disk in disks)

    @property
    def repositories(self) -> dict[str, Kept]:
        """By uuid; the one under an empty uuid has the place to itself."""
        found: dict[str, Kept] = self._kept.setdefault("repositories", {})
        return found

    @property
    def files(self) -> dict[str, int]:
        """Names and sizes of ISOs."""
        found: dict[str, int] = self._kept.setdefault("files", {})
        return found

    def suffers(self, ill: str) -> bool:
        """Whether something is wrong with it: `read-only`, `no-mkdir`, `mounted`, `leftovers`,
        `lvm`."""
        return ill in self._kept.get("ills", ())

    def folder(self, name: str) -> bool:
        """Whether there is a folder of that name in it."""
        inside = name.strip("/")
        return not inside or any(file.startswith(f"{inside}/") for file in self.files)


def new_repository(driver: str) -> Kept:
    """An empty one."""
    return {"type": driver, "disks": {}}
