"""The boot medium as a plain ISO, for a hypervisor without VISOs or for a CD: written with
pycdlib, where VirtualBox's own ISO maker is not at hand. Not for a stick: the installer is told
to look for its answers in a CD drive.

The vendor's ISO is copied, not unpacked: what labkit replaces is taken out and put in anew, and
everything else, what boots it included, stays as it was.
"""

import io
import struct
from pathlib import Path
from typing import Any

from labkit.errors import ComputerError
from labkit.media.answers import Answers
from labkit.media.iso import VendorIso


def write_flat(folder: Path, iso: VendorIso, answers: Answers, out: Path) -> None:
    """Write an ISO with what `write_boot_medium` wrote into a folder. Whoever calls removes what
    a failure leaves at `out`."""
    import pycdlib
    from pycdlib.pycdlibexception import PyCdlibException

    image = pycdlib.PyCdlib()
    try:
        image.open(str(iso.path))
        for file in filter(None, (iso.isolinux, iso.grub)):
            content = (folder / file.path.rpartition("/")[2]).read_bytes()
            primary = image.full_path_from_dirrecord(image.get_record(rr_path=file.path))
            image.rm_file(primary)
            _add(image, primary, file.path, content)
        image.add_directory("/XSINST", rr_name="xsinst", joliet_path="/xsinst")
        files = {name: folder / name for name in ("answerfile.xml", "postinstall.sh")}
        files |= {script.name: folder / "scripts" / script.name for script in answers.scripts}
        for number, (name, own) in enumerate(files.items()):
            # Of eight letters at most, and nobody reads it: Linux has the Rock Ridge name.
            _add(image, f"/XSINST/LABKIT{number:02}.;1", f"/xsinst/{name}", own.read_bytes())
        image.write(str(out))
    except (PyCdlibException, struct.error, IndexError) as error:
        raise ComputerError(
            f"No ISO could be made of {iso.path}.",
            details=str(error),
            hint="Install VirtualBox, whose own ISO maker labkit then uses, or download the "
            "vendor's ISO again.",
        ) from error
    finally:
        image.close()


def _add(image: Any, primary: str, path: str, content: bytes) -> None:
    image.add_fp(
        io.BytesIO(content),
        len(content),
        primary,
        rr_name=path.rpartition("/")[2],
        joliet_path=path,
    )
