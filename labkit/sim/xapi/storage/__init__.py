"""Storage: what can be reached from which host, and what is kept there.

From the medium up: `servers` and `media` are what lies about in the pretend world, one file each
for the storage drivers (`nfs`, `iso`, `ext`, `lvm`, `file`, `udev`, `lvmoiscsi`) says how a host
gets at it, and `repositories` and `disks` bring it together with XAPI's records.
"""
