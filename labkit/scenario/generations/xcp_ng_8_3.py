"""XCP-ng 8.3, of 2024."""

from dataclasses import replace

from labkit.scenario.generations.generation import UNATTENDED
from labkit.scenario.generations.xcp_ng_8_2 import XCP_NG_8_2

XCP_NG_8_3 = replace(
    XCP_NG_8_2,
    name="xcp-ng-8.3",
    versions="8.3",
    iso_name="xcp-ng-8.3.0.iso",
    # `install` is ignored since 2022.
    parameters=UNATTENDED,
    default_sr="ext",
    # Without it a host installed by DHCP takes its time from there, where later nobody answers.
    ntp_source="default",
    timezones=2024,
)
