"""What is heard on a serial port is believed only when it is whole. This needs no boot."""

import base64
import io
import tarfile
from hashlib import md5

from tests.boot.told import Told, told

FILES = {"answerfile.xml": b"<installation/>\n" * 20, "postinstall.sh": b"#!/bin/sh\n"}
CUT = "(XEN) uart interrupt taking more than 4ms, switched to polling"


def telling() -> list[str]:
    """As `init` says it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    lines = base64.encodebytes(packed.getvalue()).decode().splitlines()
    said = ["cmdline install console=hvc0", *(f"packed {line}" for line in lines)]
    whole = "".join(f"{line}\n" for line in said).encode()
    end = f"end {md5(whole, usedforsecurity=False).hexdigest()}"
    return [f"installer: {line}" for line in (*said, end)]


def test_what_is_whole_is_believed() -> None:
    heard = ["(XEN) Xen version", *telling(), "reboot: Power down"]
    assert told(heard) == Told("install console=hvc0", FILES)


def test_lines_of_the_hypervisors_may_come_in_between() -> None:
    first, *rest = telling()
    assert told([first, "(XEN) a line of its own", *rest]) == Told("install console=hvc0", FILES)


def test_a_telling_that_was_cut_is_not_believed_but_the_next() -> None:
    cut = telling()
    cut[1:2] = [cut[1][:30] + CUT, cut[1][30:]]
    assert told(cut) is None
    lost = telling()
    del lost[1]
    assert told(lost) is None
    assert told([*cut, *lost, *telling()]) == Told("install console=hvc0", FILES)


def test_an_end_that_was_cut_ends_nothing() -> None:
    begun = telling()[:-1]
    assert told(begun) is None
    assert told([*begun, *telling()]) == Told("install console=hvc0", FILES)
