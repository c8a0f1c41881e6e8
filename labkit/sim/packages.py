"""The packages that the repository on a medium says it has."""

import gzip
import re
import zlib

from labkit.sim.disc import Disc
from labkit.sim.product import repositories

_NONE = "No repository found at the specified location."


def listed(disc: Disc) -> list[str]:
    """Those yum would find. `LookupError`: there are none."""
    try:
        about = disc.read("/repodata/repomd.xml").decode()
        place = re.search(r'type="primary".*?<location href="([^"]+)"', about, re.DOTALL)
        listing = gzip.decompress(disc.read(place[1] if place else "")).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as cause:
        raise LookupError(_NONE) from cause
    names = re.findall(r'<location href="([^"]+)"', listing)
    if not names:
        raise LookupError(_NONE)
    return names


def listed_of_old(disc: Disc) -> list[str]:
    """Those of all repositories of the old kind. `LookupError`: there are none."""
    names = []
    for folder in repositories(disc):
        text = disc.read(f"{folder}/XS-PACKAGES").decode("utf-8", "replace")
        found = re.findall(r"<package\b[^>]*>([^<]+)</package>", text)
        names += [f"{folder}/{name.strip()}".lstrip("/") for name in found]
    if not names:
        raise LookupError(_NONE)
    return names
