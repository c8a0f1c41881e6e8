"""Which generation an ISO is of. The rules of each are in `labkit/scenario/generations`."""

from collections.abc import Mapping
from types import MappingProxyType

from labkit.scenario.generations import (
    DEBIAN_GENERATIONS,
    GENERATIONS,
    DebianInstaller,
    Generation,
)

__all__ = ["GENERATIONS", "INSTALLERS", "DebianInstaller", "Generation", "generation_of"]

INSTALLERS: Mapping[str, Generation | DebianInstaller] = MappingProxyType(
    {**GENERATIONS, **DEBIAN_GENERATIONS}
)
"""All of them, by name: of hosts and of the storage server."""


def generation_of(product: str, version: str) -> Generation | DebianInstaller | None:
    """The generation a product's version belongs to; None when labkit cannot drive it."""
    for generation in INSTALLERS.values():
        known = generation.versions
        if product == generation.product and (version == known or version.startswith(f"{known}.")):
            return generation
    return None
