"""What a person is told about the simulator beyond the counting: docs/simulator.md's prose.

Whoever makes a class do something says here how far it goes.
"""

BEGINNING = """\
# The simulator

<!-- Generated: python -m labkit.sim.xapi.coverage > docs/simulator.md -->

`--on sim` brings a lab up on a pretend computer whose hosts have an XAPI of their own: a server
that speaks XML-RPC and JSON-RPC and that any XenAPI client can talk to. A host answers as its
release does: XCP 1.6 (API 1.10), XCP-ng 8.2 (2.15) or XCP-ng 8.3 (2.21, xapi 25.6).
"""

DEPTH = {
    "Bond": "Made and taken apart, with what moves up to the bond and back: management, address, "
    "VLANs, and the interfaces of VMs that run on the host or can start on no other. Modes and "
    "their properties are checked and kept. A slave copies the master's bonds when it starts. No "
    "traffic flows, and a bond is made in no time.",
    "network": "Made with XAPI's names for bridges, destroyed when nothing is plugged in; purposes "
    "and the locking mode. No blobs.",
    "PIF": "Up and down, found, introduced and forgotten; addresses, by hand or from a pretended "
    "DHCP server that knows bridged adapters: it gives the address kept for a host, else one of "
    "its own. IPv6 is written down only.",
    "VLAN": "Made and destroyed, on one host or on all. A slave copies the master's when it "
    "starts, after it has been enabled.",
    "host": "Enabling and disabling, shutting down and rebooting, the clock, and the interface it "
    "is managed by: a host answers at that one's address at once.",
    "pool": "Joining, with the questions XAPI asks first, in its order; the records are copied bit "
    "by bit, and the host comes back as a slave ten seconds after the answer. VLANs on "
    "all hosts, and what they are managed by.",
    "session": "Logging in and out, on a master, on a slave and without a database. Every user but "
    "root is unknown, and everybody may do everything.",
    "SR": "Naming. A scan finds nothing, since nothing on a pretend disk changes by itself.",
    "task": "A task can be destroyed. What is called by `Async.` runs as one.",
}
"""By class, where one does something: how far it goes."""

DIFFERS = (
    "XCP 1.6 is taken from the lifecycles of later releases, which tell when a class, a field or a "
    "message came and went. What they do not tell, words of enumerations and parameters that came "
    "later, nobody has compared with a real XCP 1.6.",
    "Of the messages XAPI hides from its documentation only those are known that hosts of a pool "
    "say to each other.",
    "A field that was removed is still in records, with its default.",
    "All hosts have the same processor.",
    "The address of a management interface, and of a host, is that of this computer it answers at.",
)
"""What is known to differ from a real host."""
