"""What stands in the place of the vendor's programs, each waiting for what the vendor's waits for.

Names and dependencies are those of the vendor's public units. Where a unit could not be read, its
stand-in is as early as any could be: before sysinit.target, behind the hook only for being named
in it.
"""

from pathlib import Path

_EARLY = (
    "DefaultDependencies=no",
    "After=systemd-udevd.service systemd-remount-fs.service local-fs.target",
    "Before=sysinit.target network-pre.target",
)
_XAPI_IS_UP = ("Requires=xapi-init-complete.target", "After=xapi-init-complete.target")
UNITS: dict[str, tuple[str, ...]] = {
    "interface-rename": _EARLY,
    "storage-init": _EARLY,
    "xs-firstboot": _EARLY,
    "sshd-keygen": ("Before=sshd.service",),
    "sshd": ("After=network.target sshd-keygen.service",),
    "xenstored": (),
    "xen-init-dom0": ("Requires=xenstored.service", "After=xenstored.service"),
    "message-switch": ("After=local-fs.target",),
    "forkexecd": (),
    "attach-static-vdis": ("Before=xapi.service",),
    "xcp-networkd": ("After=forkexecd.service message-switch.service",),
    "squeezed": ("After=xenstored.service message-switch.service",),
    "xenopsd-xc": (
        "After=xenstored.service squeezed.service message-switch.service forkexecd.service",
    ),
    "xapi": (
        "After=attach-static-vdis.service forkexecd.service message-switch.service",
        "After=xcp-networkd.service xenopsd-xc.service xenstored.service time-sync.target",
    ),
    "network-init": _XAPI_IS_UP,
    "control-domain-params-init": _XAPI_IS_UP,
    "generate-iscsi-iqn": _XAPI_IS_UP,
}
SCRIPTS = {
    # xapi's 23 stands in its own header, the network has 10, and CentOS 5 gives one of its own 00,
    # as the hook has; the others only stand for what comes in between.
    "microcode_ctl": "00",
    "xenstored": "01",
    "network": "10",
    "fe": "20",
    "squeezed": "21",
    "xenopsd": "22",
    "xapi": "23",
    "firstboot": "24",
    "sshd": "55",
}
_OFF = "off"


def place_stand_ins(root: Path, init: str) -> None:
    """Put all of them in, and at their end one that switches the computer off."""
    (_place_units if init == "systemd" else _place_scripts)(root)


def _place_units(root: Path) -> None:
    folder = root / "etc/systemd/system"
    (folder / "xapi-init-complete.target").write_text("[Unit]\nAfter=xapi.service\n")
    for name, lines in UNITS.items():
        wanted = "sysinit.target" if lines is _EARLY else "multi-user.target"
        _place_unit(folder, name, f"/opt/vendor/stand-in {name}", lines, wanted)
    everyone = " ".join(f"{name}.service" for name in UNITS)
    _place_unit(
        folder,
        _OFF,
        "/usr/bin/systemctl --force poweroff",
        (f"After={everyone}",),
        "multi-user.target",
    )
    (folder / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")


def _place_unit(folder: Path, name: str, command: str, lines: tuple[str, ...], wanted: str) -> None:
    text = ["[Unit]", *lines, "[Service]", "Type=oneshot", "RemainAfterExit=yes"]
    (folder / f"{name}.service").write_text("\n".join([*text, f"ExecStart={command}", ""]))
    # As `systemctl enable` leaves it.
    links = folder / f"{wanted}.wants"
    links.mkdir(exist_ok=True)
    (links / f"{name}.service").symlink_to(f"../{name}.service")


def _place_scripts(root: Path) -> None:
    for name, number in SCRIPTS.items():
        _place_script(root, name, f"/opt/vendor/stand-in {name}", "3", f"S{number}{name}")
    off = "mount -o remount,ro /; exec halt -d -f -p"
    _place_script(root, "halt", off, "0", "S01halt")
    _place_script(root, _OFF, "init 0", "3", "S99off")


def _place_script(root: Path, name: str, command: str, level: str, link: str) -> None:
    script = root / "etc/rc.d/init.d" / name
    script.write_text(f'#!/bin/sh\n[ "$1" = start ] || exit 0\n{command}\n')
    script.chmod(0o755)
    (root / f"etc/rc.d/rc{level}.d" / link).symlink_to(f"../init.d/{name}")
