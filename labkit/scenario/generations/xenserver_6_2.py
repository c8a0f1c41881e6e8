"""XenServer 6.2, of 2013: XCP 1.6's installer under another name."""

from dataclasses import replace

from labkit.scenario.generations.xcp_1_6 import XCP_1_6

XENSERVER_6_2 = replace(
    XCP_1_6,
    name="xenserver-6.2",
    product="XenServer",
    versions="6.2",
    iso_name="XenServer-6.2.0-install-cd.iso",
    timezones=2013,
)
