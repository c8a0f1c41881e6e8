"""What isolinux or grub on a DVD is told to start, when nobody touches the keyboard."""

import shlex
from dataclasses import dataclass

from labkit.sim.disc import Disc


class NoStart(Exception):
    """The menu starts nothing; the text is what stands on the screen instead."""


@dataclass(frozen=True)
class Start:
    """A hypervisor, its kernel and the kernel's memory disk, with their parameters."""

    xen: tuple[str, ...]
    kernel: tuple[str, ...]
    after: float
    """Seconds the menu waits before."""

    def last(self, parameter: str) -> str | None:
        """The last value of a kernel parameter."""
        values = [
            word.partition("=")[2] for word in self.kernel if word.startswith(parameter + "=")
        ]
        return values[-1] if values else None

    @property
    def logs_to_serial(self) -> bool:
        """Whether what is written on the last console reaches the first serial port."""
        on_com1 = any(w.startswith("com1=") for w in self.xen) and any(
            "com1" in w.partition("=")[2].split(",") for w in self.xen if w.startswith("console=")
        )
        last = (self.last("console") or "tty0").split(",")[0]
        return (last == "hvc0" and on_com1) or last == "ttyS0"


def read_menu(disc: Disc, firmware: str) -> Start:
    """What the medium starts on such firmware. Raises `NoStart`."""
    return _grub(disc) if firmware == "efi" else _isolinux(disc)


def _isolinux(disc: Disc) -> Start:
    label, after = isolinux_label(disc, "/boot/isolinux/isolinux.cfg")
    if label.get("KERNEL", "").rpartition("/")[2] != "mboot.c32":
        raise NoStart(f"Could not find kernel image: {label.get('KERNEL', '')}\nboot: ")
    modules = [tuple(part.split()) for part in label.get("APPEND", "").split(" --- ")]
    for module in modules:
        loaded(disc, module[0] if module else "")
    return _start(modules, after)


def isolinux_label(disc: Disc, path: str) -> tuple[dict[str, str], float]:
    """What isolinux starts by itself, and the seconds it waits before. Raises `NoStart`."""
    try:
        text = disc.read_short(path).decode("utf-8", "replace")
    except FileNotFoundError:
        raise NoStart("isolinux: no configuration file found") from None
    settings: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}
    here = settings
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word.upper() == "LABEL":
            here = labels.setdefault(rest.strip(), {})
        elif word and not word.startswith("#"):
            here[word.upper()] = rest.strip()
    wanted = settings.get("DEFAULT", "")
    if wanted not in labels:
        raise NoStart(f"Could not find kernel image: {wanted or 'linux'}\nboot: ")
    tenths = int(settings.get("TIMEOUT", "0") or 0)
    waits = settings.get("PROMPT", "0") != "0"
    if waits and not tenths:
        raise NoStart("boot: ")  # It waits for somebody to press Enter.
    return labels[wanted], tenths / 10 if waits else 0.0


def loaded(disc: Disc, path: str) -> None:
    """Let isolinux load a file. Raises `NoStart` when it is not there."""
    try:
        disc.read_short(path)
    except FileNotFoundError:
        raise NoStart(f"Loading {path}... failed!\nboot: ") from None


def _grub(disc: Disc) -> Start:
    try:
        text = disc.read("/EFI/xenserver/grub.cfg").decode("utf-8", "replace")
    except FileNotFoundError:
        raise NoStart("grub> ") from None
    entry, after = grub_entry(text, ("multiboot2", "module2"))
    modules = [words for _, *words in entry]
    for module in modules:
        if not module or not disc.holds(module[0]):
            raise NoStart(f"error: file `{module[0] if module else ''}' not found.")
    return _start([tuple(module) for module in modules], after)


def grub_entry(text: str, commands: tuple[str, ...]) -> tuple[list[tuple[str, ...]], float]:
    """The commands of a kind in what grub starts by itself, and the seconds it waits before."""
    settings: dict[str, str] = {}
    entries: dict[str, list[tuple[str, ...]]] = {}
    here: list[tuple[str, ...]] = []
    for line in text.splitlines():
        words = line.strip().split()
        if words[:1] == ["set"] and len(words) > 1:
            name, _, value = words[1].partition("=")
            settings[name] = value.strip('"')
        elif words[:1] == ["menuentry"]:
            named = shlex.split(line.replace("{", ""))
            title = named[named.index("--id") + 1] if "--id" in named else named[1]
            here = entries.setdefault(title, [])
        elif words and words[0] in commands:
            here.append(tuple(words))
    wanted = settings.get("default", "0")
    if wanted.isdecimal() and int(wanted) < len(entries):
        wanted = list(entries)[int(wanted)]
    if wanted not in entries:
        # grub falls back on the first.
        wanted = next(iter(entries), "")
    return entries.get(wanted, []), float(settings.get("timeout", "0"))


def _start(modules: list[tuple[str, ...]], after: float) -> Start:
    if len(modules) != 3:
        raise NoStart("The pretend computer starts only a hypervisor, a kernel and a memory disk.")
    return Start(modules[0][1:], modules[1][1:], after)
