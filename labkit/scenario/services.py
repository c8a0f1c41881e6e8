"""The services of a host that a scenario must not switch off."""

NEEDED_SERVICES = frozenset(
    {
        *("xenstored", "xenconsoled", "xen-init-dom0", "message-switch", "forkexecd"),
        *("xcp-networkd", "openvswitch", "interface-rename", "network-init", "storage-init"),
        *("xenopsd-xc", "squeezed", "xapi", "xapi-init-complete", "xs-firstboot"),
        *("control-domain-params-init", "labkit-identity"),
    }
)
"""Without one of these no XAPI answers, or the host is not itself."""
