"""XenServer 8, of 2023: XCP-ng 8.3's installer, with LVM for a default."""

from dataclasses import replace

from labkit.scenario.generations.xcp_ng_8_3 import XCP_NG_8_3

XENSERVER_8 = replace(
    XCP_NG_8_3,
    name="xenserver-8",
    product="XenServer",
    versions="8",
    iso_name="XenServer8.iso",
    default_sr="lvm",
    timezones=2023,
)
