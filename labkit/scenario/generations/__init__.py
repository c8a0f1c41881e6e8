"""The families of installers a scenario can name, a file each: data, no behaviour.

Here and not with the media, because a scenario is held to what its generation can do before
there is any medium.
"""

from collections.abc import Mapping
from types import MappingProxyType

from labkit.scenario.generations.debian import DebianInstaller
from labkit.scenario.generations.debian_12 import DEBIAN_12
from labkit.scenario.generations.generation import Generation
from labkit.scenario.generations.xcp_1_6 import XCP_1_6
from labkit.scenario.generations.xcp_ng_8_2 import XCP_NG_8_2
from labkit.scenario.generations.xcp_ng_8_3 import XCP_NG_8_3
from labkit.scenario.generations.xenserver_6_2 import XENSERVER_6_2
from labkit.scenario.generations.xenserver_7 import XENSERVER_7
from labkit.scenario.generations.xenserver_8 import XENSERVER_8

__all__ = ["DEBIAN_GENERATIONS", "GENERATIONS", "DebianInstaller", "Generation"]

GENERATIONS: Mapping[str, Generation] = MappingProxyType(
    {
        each.name: each
        for each in (XCP_1_6, XENSERVER_6_2, XENSERVER_7, XCP_NG_8_2, XCP_NG_8_3, XENSERVER_8)
    }
)
"""By name, the oldest first."""

DEBIAN_GENERATIONS: Mapping[str, DebianInstaller] = MappingProxyType({DEBIAN_12.name: DEBIAN_12})
"""Of the storage server, by name."""
