"""The answer file, as strictly and as loosely as the vendor's installer reads it.

Elements are looked up anywhere below the root, the first of the preferred name wins, what is
not known is passed over in silence. The texts of the errors are the installer's.
"""

from dataclasses import dataclass
from typing import Literal
from xml.dom import minidom
from xml.parsers.expat import ExpatError


class Refused(Exception):
    """The installer does not take it."""


@dataclass(frozen=True)
class Rules:
    """Where generations of installers differ."""

    default_sr: str = "ext"
    smallest_disk_gib: int = 46
    needs_install: bool = False
    """The kernel parameter `install` has to be there, or the installer asks questions."""
    boot_loader: str = "grub2"
    """The only one an answer file may name. The older installers also refuse an empty element."""
    asks_to_confirm: bool = True
    """It knows `<ui-confirmation-prompt>`."""
    knows_services: bool = True
    knows_ntp: bool = True
    """It knows `<ntp source=…>`, and not only servers."""


@dataclass(frozen=True)
class Answers:
    """What a valid answer file says."""

    disk: str
    sr_type: str
    """`none`: no storage repository was asked for."""
    sources: tuple[str, ...]
    interface: str
    """`eth0`, or `hwaddr=…`."""
    mode: Literal["static", "dhcp"]
    address: str
    netmask: str
    gateway: str
    dns: tuple[str, ...]
    password_type: Literal["plaintext", "hash", "none"]
    password: str
    hostname: str
    ntp_none: bool
    """`<ntp source="none">`, which the parser takes and the installation dies of."""


@dataclass(frozen=True)
class Script:
    """A script for one stage of the installation."""

    stage: str
    url: str


class AnswerFile:
    """A well-formed answer file; whether it is valid shows when it is read."""

    def __init__(self, text: bytes, rules: Rules) -> None:
        try:
            document = minidom.parseString(text)  # noqa: S318  # as the vendor's; a student's own
        except ExpatError:
            raise Refused("Answerfile is incorrectly formatted.") from None
        root = document.documentElement
        if root is None or root.nodeName not in ("installation", "upgrade", "restore"):
            raise Refused("Unexpected top level element")
        self._root = root
        self._rules = rules

    def scripts(self) -> tuple[Script, ...]:
        """Read before everything else."""
        found = []
        for node in self._all("script"):
            stage = _required(node, "stage").lower()
            kind = _required(node, "type").lower()
            url = _text(node)
            if kind == "nfs" and not url.startswith("nfs://"):
                url = "nfs://" + url
            found.append(Script(stage, url))
        return tuple(found)

    def asks_first(self) -> bool:
        """Any text at all, be it `false`, makes the installer wait for somebody."""
        prompts = self._all("ui-confirmation-prompt")[:1]
        return self._rules.asks_to_confirm and any(_text(node) for node in prompts)

    def answers(self) -> Answers:
        """What it says. Raises `Refused` at the first thing that is wrong."""
        mode = self._root.getAttribute("mode") or "fresh"
        if mode not in ("fresh", "reinstall", "upgrade"):
            raise Refused(f"Unknown mode, {mode}")
        if self._root.nodeName == "restore" or mode != "fresh":
            raise Refused("labkit's pretend installer knows only fresh installations")
        disk = self._one("primary-disk")
        _mapped(
            disk, ("preserve-first-partition",), ("true", "yes", "false", "no", "if-utility"), ""
        )
        on_primary = _true(disk, ("guest-storage", "gueststorage"), default=True)
        sr_type = _mapped(self._root, ("sr-type", "srtype"), ("lvm", "ext"), self._rules.default_sr)
        if not on_primary and not self._all("guest-disk"):
            sr_type = "none"
        interface = self._interface()
        passwords = self._all("root-password")[:1]
        password_type = (
            _mapped(passwords[0], ("type",), ("plaintext", "hash"), "plaintext")
            if passwords
            else "none"
        )
        names = self._all("name-server", "nameserver")
        hostnames = self._all("hostname")[:1]
        ntp_none = self._rules.knows_ntp and self._ntp()
        if self._rules.knows_services:
            self._services()
        sources = self._sources()
        self._bootloader()
        return Answers(
            disk=_device(_text(disk)),
            sr_type=sr_type,
            sources=sources,
            dns=tuple(_text(node) for node in names),
            password_type=password_type,  # type: ignore[arg-type]  # one of those three
            password=_text(passwords[0]) if passwords else "",
            hostname=_text(hostnames[0]) if hostnames else "localhost.localdomain",
            ntp_none=ntp_none,
            **interface,  # type: ignore[arg-type]
        )

    def _interface(self) -> dict[str, str]:
        node = self._one("admin-interface")
        name, hardware = node.getAttribute("name"), node.getAttribute("hwaddr")
        if not name and not hardware:
            raise Refused("<admin-interface> tag must have one of 'name' or 'hwaddr'")
        proto = _required(node, "proto")
        if proto not in ("static", "dhcp"):
            raise Refused("<admin-interface> tag must have IPv4 or IPv6 defined")
        found = {"interface": name or f"hwaddr={hardware.lower()}", "mode": proto}
        for field, names in (
            ("address", ("ip", "ipaddr")),
            ("netmask", ("subnet-mask", "subnet")),
            ("gateway", ("gateway",)),
        ):
            found[field] = _text(_first(node, names)) if proto == "static" else ""
        vlan = node.getAttribute("vlan")
        if vlan and not (vlan.isdecimal() and 1 <= int(vlan) <= 4094):
            raise Refused("Invalid value for vlan")
        return found

    def _ntp(self) -> bool:
        servers = self._all("ntp-server", "ntp-servers")
        nodes = self._all("ntp")[:1]
        source = nodes[0].getAttribute("source") if nodes else ""
        if nodes and source not in ("", "dhcp", "default", "manual", "none"):
            raise Refused("Expected <ntp> source to be one of dhcp, default, manual, none")
        if servers and source not in ("", "manual"):
            raise Refused("Expected <ntp> source to be manual where servers are given")
        return source == "none"

    def _services(self) -> None:
        seen: set[str] = set()
        for node in self._all("service"):
            name, state = _required(node, "name"), _required(node, "state")
            if state not in ("enabled", "disabled"):
                raise Refused(f"Invalid state {state} for service {name}")
            if name in seen:
                raise Refused(f"Multiple entries for service {name}")
            seen.add(name)

    def _sources(self) -> tuple[str, ...]:
        found = []
        for node in self._all("source"):
            kind = _required(node, "type")
            if kind not in ("local", "url", "nfs"):
                raise Refused("Invalid type for <source> media specified.")
            found.append("local" if kind == "local" else _text(node))
        if not found:
            raise Refused("Missing mandatory element source")
        return tuple(found)

    def _bootloader(self) -> None:
        for node in self._all("bootloader")[:1]:
            _mapped(node, ("location",), ("mbr", "partition"), "mbr")
            accepted = ("", "grub2") if self._rules.boot_loader == "grub2" else ("extlinux",)
            if _text(node) not in accepted:
                raise Refused(f"Unsupported bootloader '{_text(node)}'")

    def _all(self, *names: str) -> list[minidom.Element]:
        return _elements(self._root, names)

    def _one(self, *names: str) -> minidom.Element:
        return _first(self._root, names)


def _elements(top: minidom.Element, names: tuple[str, ...]) -> list[minidom.Element]:
    for name in names:
        if found := top.getElementsByTagName(name):
            return list(found)
    return []


def _first(top: minidom.Element, names: tuple[str, ...]) -> minidom.Element:
    found = _elements(top, names)
    if not found:
        raise Refused(f"Missing mandatory element {names[0]}")
    return found[0]


def _text(node: minidom.Element) -> str:
    text = "".join(c.data for c in node.childNodes if c.nodeType == c.TEXT_NODE)
    return text.strip()


def _attribute(node: minidom.Element, names: tuple[str, ...]) -> str:
    return next((node.getAttribute(name) for name in names if node.hasAttribute(name)), "")


def _required(node: minidom.Element, name: str) -> str:
    if not node.hasAttribute(name):
        raise Refused(f"Missing mandatory attribute {name}")
    return node.getAttribute(name)


def _mapped(
    node: minidom.Element, names: tuple[str, ...], known: tuple[str, ...], default: str
) -> str:
    value = _attribute(node, names)
    if not value:
        return default
    if value not in known:
        raise Refused(f"Unexpected key {value} for attribute")
    return value


def _true(node: minidom.Element, names: tuple[str, ...], *, default: bool) -> bool:
    value = _attribute(node, names)
    return value.lower() in ("yes", "true") if value else default


def _device(text: str) -> str:
    return text if text.startswith("/dev/") else "/dev/" + text
