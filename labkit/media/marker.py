"""What an installation medium says it installs.

Of the hosts' media since 7.0 one file says it, `.treeinfo`. Before, a medium had several
repositories, a folder each with an `XS-REPOSITORY`: the product is one of them, its platform
another. Debian's media have one line in `.disk/info`.
"""

import configparser
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_FOLDERS = ("", "packages", "packages.main", "packages.linux", "packages.site")
"""Where the old installer looks; `XS-REPOSITORY-LIST` names more."""
_MAIN = ("xs:main", "xcp:main")
"""Repositories that are a product, the first before the second: XenServer is made of XCP."""


_DEBIAN = re.compile(r'Debian GNU/Linux (\S+) "[^"]*" - (?:.* )?(\S+) ([A-Z-]+)\b')
"""Debian GNU/Linux 12.7.0 "Bookworm" - Official amd64 NETINST with firmware 20240831-10:38"""


@dataclass(frozen=True, slots=True)
class Marker:
    """A product, a version, and the text they were read from."""

    product: str
    version: str
    text: str = field(repr=False)
    not_ours: str = ""
    """Why labkit installs nothing from it, whatever the version."""


def read_marker(read: Callable[[str], str | None]) -> Marker | None:
    """The marker of a medium, whose files `read` gives by their names, or None for those it does
    not have. None: it is no installation medium. A marker that says nothing has no product."""
    text = read(".treeinfo")
    if text is not None:
        return _treeinfo(text)
    info = read(".disk/info")
    if info is not None:
        return _debian(info)
    if read("linux") is not None:
        why = "It is a `mini.iso`, which has an installer but no system to install."
        return Marker("Debian GNU/Linux", "", "", why)
    found = dict(_repositories(read))
    if not found:
        return None
    main = next((name for name in _MAIN if name in found), next(iter(found)))
    return found[main]


def _treeinfo(text: str) -> Marker:
    """The section and its keys were renamed between 8.2 and 8.3."""
    marker = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        marker.read_string(text)
    except configparser.Error:
        return Marker("", "", text)
    for section, product, version in (
        ("system-v1", "product_name", "product_version"),
        ("branding", "name", "version"),
    ):
        if marker.has_option(section, product):
            name = marker.get(section, product)
            return Marker(name, marker.get(section, version, fallback=""), text)
    return Marker("", "", text)


def _debian(info: str) -> Marker:
    said = _DEBIAN.match(info)
    if said is None:
        what = "a live system" if " Live " in info else "no Debian that labkit knows"
        return Marker("", "", info, f"It is {what}: `{info.strip()[:80]}`.")
    version, architecture, kind = said.groups()
    why = ""
    if kind != "NETINST":
        why = f"It is a {kind} of Debian {version}; labkit takes the small one, NETINST."
    elif architecture != "amd64":
        why = f"It is for {architecture} computers; labkit's machines are amd64."
    return Marker("Debian GNU/Linux", version, info, why)


def _repositories(read: Callable[[str], str | None]) -> Iterator[tuple[str, Marker]]:
    listed = (read("XS-REPOSITORY-LIST") or "").split()
    for folder in dict.fromkeys((*_FOLDERS, *(name.strip("/") for name in listed))):
        text = read(f"{folder}/XS-REPOSITORY".lstrip("/"))
        if text is None or read(f"{folder}/XS-PACKAGES".lstrip("/")) is None:
            continue
        # Not parsed as XML: two attributes are wanted of a file anybody may have written.
        element = re.search(r"<repository\b([^>]*)>", text)
        said = dict(re.findall(r"""(\w+)\s*=\s*["']([^"'<]*)["']""", element[1] if element else ""))
        name = f"{said.get('originator', '')}:{said.get('name', '')}"
        yield name, Marker(said.get("product", ""), said.get("version", ""), text)
