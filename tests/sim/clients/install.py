"""Put Ansible's modules for XenServer where this Python finds them.

They are five small files in a distribution of fifty megabytes that unpacks to five hundred: only
what is tried on the simulator is taken out of it.
"""

import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

# One that runs on every Python labkit runs on, and the core it was made for.
_CORE, _COLLECTIONS = "ansible-core>=2.19.5,<2.20", "ansible>=12,<13"
_PLUGINS = "ansible_collections/community/general/plugins/"
_TAKEN = tuple(f"{_PLUGINS}{folder}/xenserver" for folder in ("modules", "module_utils"))


def main() -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", _CORE], check=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*pip, "download", "--no-deps", "--dest", folder, _COLLECTIONS], check=True)
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            names = [name for name in packed.namelist() if name.startswith(_TAKEN)]
            packed.extractall(sysconfig.get_path("purelib"), names)


if __name__ == "__main__":
    main()
