"""XCP-ng 8.2, of 2020: still wants `install`, still takes LVM when nobody says otherwise."""

from dataclasses import replace

from labkit.scenario.generations.xenserver_7 import XENSERVER_7

XCP_NG_8_2 = replace(
    XENSERVER_7,
    name="xcp-ng-8.2",
    product="XCP-ng",
    versions="8.2",
    iso_name="xcp-ng-8.2.1.iso",
    services=True,
    timezones=2020,
)
