"""The XML that storage drivers answer with: lists of what was found."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

Entry = Mapping[str, str]


def srlist(repositories: Iterable[Entry], versions: Iterable[str] = ()) -> str:
    """What a probe answers."""
    offered = [f"\t<Version>{version}</Version>" for version in versions]
    if offered:
        offered = ["<SupportedVersions>", *offered, "</SupportedVersions>"]
    return _document("SRlist", [*_entries("SR", repositories), *offered])


def exports(server: str, paths: Iterable[str], clients: Iterable[str]) -> str:
    """What a server exports, written down where no path was given."""
    who = ",".join(clients)
    entries = [{"Target": server, "Path": path, "Accesslist": who} for path in paths]
    return _document("nfs-exports", _entries("Export", entries))


def targets(address: str, iqns: Iterable[str]) -> str:
    """The iSCSI targets, where none was named."""
    entries = [
        {"Index": str(at), "IPAddress": address, "TargetIQN": iqn} for at, iqn in enumerate(iqns)
    ]
    return _document("iscsi-target-iqns", _entries("TGT", entries))


def units(found: Mapping[str, int]) -> str:
    """The units of a target by their SCSI id, where none was named."""
    entries = [
        {"vendor": "LIO-ORG", "LUNid": str(at), "size": str(size), "SCSIid": scsi_id}
        for at, (scsi_id, size) in enumerate(found.items())
    ]
    return _document("iscsi-target", _entries("LUN", entries))


def _document(root: str, lines: list[str]) -> str:
    inside = "".join(f"\t{line}\n" for line in lines)
    body = f"<{root}>\n{inside}</{root}>" if lines else f"<{root}/>"
    return f'<?xml version="1.0" ?>\n{body}\n'


def _entries(name: str, entries: Iterable[Entry]) -> list[str]:
    lines = []
    for entry in entries:
        inside = [f"\t<{key}>{escape(value)}</{key}>" for key, value in entry.items()]
        lines += [f"<{name}>", *inside, f"</{name}>"]
    return lines
