"""What the tests of the pretend computer put into its drives, in words of their own."""

from dataclasses import dataclass, field
from pathlib import Path

from labkit.sim.computer import Computer
from labkit.vbox.driver import AdapterSpec, Attachment, MachineSpec, Power

UNATTENDED = (
    "make-ramdisk=/dev/sr0 rt_answerfile=file:///tmp/ramdisk/answers.xml atexit=poweroff "
    "console=tty0 console=hvc0"
)
HASH = "$6$abcdefgh$" + "x" * 86
ANSWERS = f"""<?xml version="1.0"?>
<installation sr-type="ext">
  <primary-disk>sda</primary-disk>
  <root-password type="hash">{HASH}</root-password>
  <source type="local"/>
  <admin-interface name="eth0" proto="static">
    <ip>192.168.1.201</ip><subnet-mask>255.255.255.0</subnet-mask><gateway/>
  </admin-interface>
  <script stage="filesystem-populated" type="url">file:///tmp/ramdisk/post.sh</script>
</installation>
"""
KEYS = (
    "HOST_UUID CONTROL_DOMAIN_UUID MACHINE_ID HOSTNAME MACS INTERFACE PROTO ADDRESS NETMASK "
    "ROOT_HASH"
)
MACS = ("08:00:27:00:00:01", "08:00:27:00:00:02", "08:00:27:00:00:03")
POST = f"""#!/bin/sh
set -e
root=$1
hook=$root/usr/libexec/labkit-identity
cat >"$hook" <<'END'
#!/bin/sh
# reads {KEYS}
END
cat >"$root/etc/systemd/system/labkit.service" <<'END'
[Unit]
Before=xenstored.service xapi.service
[Service]
ExecStart=/bin/sh /usr/libexec/labkit-identity
END
ln -s ../labkit.service "$root/etc/systemd/system/sysinit.target.wants/labkit.service"
"""
IDENTITY = {
    "HOST_UUID": "11111111-2222-3333-4444-555555555555",
    "CONTROL_DOMAIN_UUID": "66666666-7777-8888-9999-000000000000",
    "MACHINE_ID": "0123456789abcdef0123456789abcdef",
    "HOSTNAME": "xcp00",
    "MACS": ",".join(MACS),
    "INTERFACE": "eth0",
    "PROTO": "static",
    "ADDRESS": "192.168.1.200",
    "NETMASK": "255.255.255.0",
    "GATEWAY": "192.168.1.1",
    "DNS": "192.168.1.1,192.168.1.2",
    "ROOT_HASH": HASH,
}
MARKER = "--iprt-iso-maker-file-marker-bourne-sh 7c3c1a52-43a5-4f5e-b0b3-6c2a9d5e1f00\n"
XEN = "/boot/xen.gz com1=115200,8n1 console=com1,vga"


@dataclass
class Medium:
    """A boot medium that tests can spoil in one place."""

    kernel: str = UNATTENDED
    answers: str | bytes = ANSWERS
    post: str = POST
    xen: str = XEN
    menu: str = "DEFAULT install\nPROMPT 1\nTIMEOUT 10\n"
    options: list[str] = field(default_factory=list)

    def write(self, folder: Path, iso: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        answers = self.answers if isinstance(self.answers, bytes) else self.answers.encode()
        (folder / "answers.xml").write_bytes(answers)
        (folder / "post.sh").write_text(self.post)
        (folder / "isolinux.cfg").write_text(
            f"{self.menu}LABEL install\n  KERNEL mboot.c32\n"
            f"  APPEND {self.xen} --- /boot/vmlinuz {self.kernel} --- /install.img\n"
        )
        (folder / "grub.cfg").write_text(
            f"set timeout=1\nmenuentry 'install' {{\n multiboot2 {self.xen}\n"
            f" module2 /boot/vmlinuz {self.kernel}\n module2 /install.img\n}}\n"
        )
        grub = "/EFI/XENSERVE/grub.cfg=/EFI/xenserver/grub.cfg"
        isolinux = "/boot/isolinux/isolinux.cfg=/boot/isolinux/isolinux.cfg"
        lines = [
            "--rational-rock",
            f'--import-iso="{iso}"',
            "--name-setup=iso,joliet",
            f"{isolinux}=:must-remove:",
            f"{isolinux}=isolinux.cfg",
            f"{grub}=:must-remove:",
            f"{grub}=grub.cfg",
            "/xsinst/answers.xml=answers.xml",
            "/xsinst/post.sh=post.sh",
            *self.options,
        ]
        (folder / "boot.viso").write_text(MARKER + "\n".join(lines) + "\n")
        return folder / "boot.viso"


def identity(folder: Path, **changed: str) -> Path:
    """An identity medium; a value of '' leaves its line out."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {**IDENTITY, **changed}
    (folder / "identity").write_text("".join(f"{k}='{v}'\n" for k, v in said.items() if v))
    (folder / "identity.viso").write_text(MARKER + "--volume-id=LABKIT\nidentity=identity\n")
    return folder / "identity.viso"


def spec(home: Path, name: str = "xcp00", /, **changed: object) -> MachineSpec:
    wanted: dict[str, object] = {
        "name": name,
        "folder": home / "machines" / name,
        "group": "/labkit/test",
        "cpus": 2,
        "memory_mib": 4096,
        "disk_mib": 64 * 1024,
        "adapters": (
            AdapterSpec(Attachment.BRIDGED, "enp0s25", promiscuous=True),
            AdapterSpec(Attachment.INTERNAL, "storage"),
            AdapterSpec(Attachment.NAT),
        ),
        "serial_file": home / f"{name}.log",
        "labels": {"lab": "test", "host": name},
    }
    return MachineSpec(**{**wanted, **changed})  # type: ignore[arg-type]


def power(computer: Computer, name: str = "xcp00") -> Power:
    return {machine.name: machine.power for machine in computer.driver.machines()}[name]


def screen(computer: Computer, name: str = "xcp00") -> str:
    """The text on the screen, which the picture carries along."""
    picture = computer.driver.screenshot(name)
    start = picture.index(b"Description\x00") + len(b"Description\x00")
    return picture[start : picture.index(b"IDAT") - 8].decode("latin-1")


def install(computer: Computer, folder: Path, medium: Medium | None = None) -> str:
    """Install a machine `golden`; what its serial file says in the end."""
    wanted = spec(folder, "golden")
    computer.driver.create(wanted)
    iso = computer.isos / "xcp-ng-8.3.0.iso"
    computer.driver.insert("golden", 0, (medium or Medium()).write(folder / "medium", iso))
    computer.driver.start("golden")
    for _ in range(20):
        computer.clock.sleep(30)
        if power(computer, "golden") is Power.OFF:
            break
    return (folder / "golden.log").read_text()
