"""What a generation of hosts says about itself: versions, CPU, storage drivers.

The numbers are those of one build of each release; the CPU is one laptop's, since all the hosts
of a lab run on the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from labkit.errors import LabError

_ISOS = ("VDI_CREATE", "VDI_DELETE", "VDI_ATTACH", "VDI_DETACH", "SR_SCAN")
_BLOCK = ("VDI_ATTACH", "VDI_DETACH", "SR_SCAN")
_DISKS = (*_ISOS, "VDI_CLONE", "VDI_SNAPSHOT", "VDI_RESIZE", "VDI_MIRROR", "SR_PROBE", "SR_UPDATE")


@dataclass(frozen=True, slots=True)
class StorageDriver:
    """A storage plugin, `SM` in XAPI."""

    type: str
    name: str
    features: tuple[str, ...] = _DISKS


@dataclass(frozen=True, slots=True)
class Cpu:
    """The pretend processor."""

    vendor: str = "GenuineIntel"
    modelname: str = "Intel(R) Core(TM) i5-8400 CPU @ 2.80GHz"
    speed: str = "2808.012"
    family: str = "6"
    model: str = "158"
    stepping: str = "10"
    flags: str = "fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush acpi mmx fxsr sse sse2"
    pv: str = "1fc9cbf5-f6b83203-2991cbf5-00000123-00000005-219c07ab-00000000-00000000"
    hvm: str = "1fcbfbff-f7fa3223-2d93fbff-00000523-0000000f-219c27ab-00000000-00000000"


# Before Xen levelled the hosts of a pool, one string of features did, masked by hand.
_CPU = ("cpu_count", "vendor", "speed", "modelname", "family", "model", "stepping", "flags")
_MASKED = (*_CPU, "features", "features_after_reboot", "physical_features", "maskable")
_LEVELLED = (*_CPU, "socket_count", "features_pv", "features_hvm")
_LEVELLED_BY_HOST = (
    *_LEVELLED,
    "threads_per_core",
    "nr_nodes",
    "features_pv_host",
    "features_hvm_host",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One generation."""

    api: tuple[int, int]
    software: Mapping[str, str]
    """`software_version` of every host, but for what differs from host to host."""
    drivers: tuple[StorageDriver, ...]
    edition: str = "xcp-ng"
    cpu: Cpu = Cpu()
    cpu_keys: tuple[str, ...] = _LEVELLED_BY_HOST
    """What `host.cpu_info` tells."""


_SOFTWARE = {
    "product_version": "8.3.0",
    "product_version_text": "8.3",
    "product_version_text_short": "8.3",
    "product_brand": "XCP-ng",
    "platform_name": "XCP",
    "platform_version": "3.4.0",
    "build_number": "8.3.0",
    "date": "20250212T00:00:00Z",
    "git_id": "0",
    "dbv": "0.0.1",
    "db_schema": "5.786",
    "xapi": "25.6",
    "xen": "4.17.5-9",
    "linux": "4.19.0+1",
    "xencenter_min": "2.21",
    "xencenter_max": "2.21",
    "network_backend": "openvswitch",
}

_XCP_NG_8_3 = Profile(
    api=(2, 21),
    software={**_SOFTWARE, "xapi_build": "25.6.0"},
    drivers=(
        StorageDriver("ext", "Local EXT3 VHD"),
        StorageDriver("lvm", "Local VHD on LVM"),
        StorageDriver("nfs", "NFS VHD"),
        StorageDriver("file", "Local Path VHD"),
        StorageDriver("lvmoiscsi", "VHD over iSCSI"),
        StorageDriver("lvmohba", "VHD over FC"),
        StorageDriver("smb", "SMB VHD"),
        StorageDriver("iso", "ISO", _ISOS),
        StorageDriver("udev", "Block device", _BLOCK),
        StorageDriver("dummy", "dummy", _BLOCK),
    ),
)

_XCP_NG_8_2 = replace(
    _XCP_NG_8_3,
    api=(2, 15),
    software={
        **_SOFTWARE,
        "product_version": "8.2.1",
        "product_version_text": "8.2",
        "product_version_text_short": "8.2",
        "platform_version": "3.2.1",
        "build_number": "8.2.1",
        "date": "20220209T00:00:00Z",
        "db_schema": "5.603",
        "xapi": "1.20",
        "xen": "4.13.4-9",
        "xencenter_min": "2.16",
        "xencenter_max": "2.16",
    },
    cpu_keys=_LEVELLED,
)

_XCP_1_6 = Profile(
    api=(1, 10),
    software={
        **_SOFTWARE,
        "product_version": "1.6.10",
        "product_version_text": "1.6",
        "product_version_text_short": "1.6",
        "product_brand": "XCP",
        "platform_version": "1.6.10",
        "build_number": "61809c",
        "date": "20121127T00:00:00Z",
        "db_schema": "5.66",
        "xapi": "1.3",
        "xen": "4.1.3",
        "linux": "2.6.32.43-0.4.1.xs1.6.10.734.170748xen",
        "xencenter_min": "1.10",
        "xencenter_max": "1.10",
    },
    # SMB came later.
    drivers=tuple(driver for driver in _XCP_NG_8_3.drivers if driver.type != "smb"),
    edition="free",
    cpu_keys=_MASKED,
)

_PROFILES = {"xcp-1.6": _XCP_1_6, "xcp-ng-8.2": _XCP_NG_8_2, "xcp-ng-8.3": _XCP_NG_8_3}

GENERATIONS = tuple(_PROFILES)


def profile_of(generation: str) -> Profile:
    """Raises `LabError` for a generation whose XAPI is not pretended yet."""
    try:
        return _PROFILES[generation]
    except KeyError:
        raise LabError(
            f"The pretend computer does not know the XAPI of {generation}.",
            details=f"It knows that of {', '.join(_PROFILES)}.",
            hint="Use one of these generations, or `--on virtualbox`.",
        ) from None
