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
    "host": "Enabled and disabled, emptied, shut down, rebooted, woken, declared dead and "
    "destroyed; emergencies, the clock, free memory, and the interface it is managed by: a host "
    "answers at that one's address at once.",
    "pool": "Joining, with the questions the release asks first, in its order; the records are "
    "copied bit by bit, and the host comes back as a slave ten seconds after the answer. Leaving "
    "again, another master in good order or in an emergency, CPUs levelled. VLANs on all hosts, "
    "and what they are managed by.",
    "session": "Logging in and out, on a master, on a slave and without a database. Every user but "
    "root is unknown, and everybody may do everything.",
    "SR": "Made, introduced, probed, scanned, forgotten and destroyed, with the drivers nfs, iso, "
    "ext, lvm, file, lvmoiscsi and udev and what these refuse, by number. What is on a medium "
    "stays there: on the host's disk, on a storage server of the lab's, or on the room's, which is "
    "wherever no machine has the address and exports any path to anybody. A host that cannot "
    "reach its storage is enabled without it, and a message says so.",
    "PBD": "Made, plugged, unplugged and removed. Passwords become secrets.",
    "VDI": "Made, resized, cloned, snapshotted, copied (100 MB a second, between hosts, too), and "
    "moved with `pool_migrate`, which a running VM may have to follow. There is nothing in a disk: "
    "one with VHDs takes next to no room however long a VM has run, and a clone or a snapshot "
    "takes as much as its origin.",
    "VM": "Made from records and templates, cloned, copied, provisioned, snapshotted and reverted; "
    "started where XAPI's placement would (by a seed: `LABKIT_SIM_SEED`), stopped, suspended and "
    "moved, by XenMotion and with their disks. Power states, allowed and current operations, "
    "refusals and their order are XAPI's. There is no guest: one with Xen's tools is pretended "
    "where `other_config` has `install-distro`, as the templates named after an operating system "
    "have, or `labkit-guest` is `tools`; with `labkit-guest` set to `bare`, or with neither, XAPI "
    "hears nothing of it.",
    "VBD": "Made, plugged, filled and emptied, as the state of the VM allows; at once.",
    "VIF": "Made, plugged, moved and configured, as the state of the VM allows; at once. What an "
    "interface is locked to is kept, and nothing is filtered.",
    "task": "What is called by `Async.` runs as one: its progress, its outcome, cancelling, and "
    "the sweeping of what is old. Clients can make their own.",
    "event": "`from`, `inject` and the older `register`, `next` and `unregister`. Waiting counts "
    "the client's own seconds, however fast the pretend computer's time is.",
    "message": "Made, read and destroyed; XAPI's own about VMs, storage and masters. The oldest go "
    "when there are too many.",
    "role": "The six roles, without what each permits: root may do everything.",
    "subject": "Made, given roles and removed. Nobody but root can log in.",
    "auth": "No outside authentication is configured, which is what it answers.",
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
    "VMs are sent to hosts of their own pool only; to another pool, `VM.migrate_send` is not "
    "simulated.",
    "The address of a management interface, and of a host, is that of this computer it answers at.",
)
"""What is known to differ from a real host."""
