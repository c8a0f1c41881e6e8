"""The releases there are stand-in media of, and the packages on them: names, and nothing inside.

Not each of them can be installed on the pretend computer: `labkit/sim/product.py` says which.
"""

import bz2
import gzip
from dataclasses import dataclass
from hashlib import md5, sha256


@dataclass(frozen=True)
class Release:
    """What distinguishes one release's medium."""

    label: str
    brand: str
    version: str
    platform: str
    packages: tuple[str, ...]
    old: bool = False
    """From before 7.0: boots under BIOS only, has repositories with lists in XML, and a memory
    disk that is packed by gzip."""
    one_section: bool = False
    """Its `.treeinfo` says product and platform in one section, as later releases do."""


RELEASES = {
    "xcp-1.6": Release(
        label="XCP 1.6",
        brand="XCP",
        version="1.6.10",
        platform="1.6.10",
        packages=("base", "kernel", "xen", "xapi", "storage", "openvswitch"),
        old=True,
    ),
    "xenserver-6.2": Release(
        label="XenServer-6.2.0",
        brand="XenServer",
        version="6.2.0",
        platform="1.8.0",
        packages=("base", "kernel", "xen", "xapi", "storage", "openvswitch"),
        old=True,
    ),
    "xenserver-7": Release(
        label="XenServer-7.6.0",
        brand="XenServer",
        version="7.6.0",
        platform="2.7.0",
        packages=(
            "kernel-4.4.52-1.x86_64",
            "xapi-core-1.110.1-1.x86_64",
            "xen-hypervisor-4.7.6-1.x86_64",
            "xenserver-release-7.6.0-1.x86_64",
        ),
    ),
    "xcp-ng-8.2": Release(
        label="XCP-ng 8.2.1",
        brand="XCP-ng",
        version="8.2.1",
        platform="3.2.1",
        packages=(
            "bash-4.2.46-35.el7_9.x86_64",
            "blktap-3.37.4-1.0.1.xcpng8.2.x86_64",
            "chrony-3.2-2.el7.x86_64",
            "forkexecd-1.18.1-1.1.xcpng8.2.x86_64",
            "glibc-2.17-292.el7.x86_64",
            "kernel-4.19.19-7.0.15.1.xcpng8.2.x86_64",
            "openvswitch-2.5.3-2.3.11.1.xcpng8.2.x86_64",
            "sm-2.30.7-1.3.xcpng8.2.x86_64",
            "systemd-219-67.el7_7.1.xcpng8.2.x86_64",
            "xapi-core-1.249.26-2.1.xcpng8.2.x86_64",
            "xcp-networkd-0.56.2-1.xcpng8.2.x86_64",
            "xcp-ng-release-8.2.1-10.x86_64",
            "xen-hypervisor-4.13.4-9.24.1.xcpng8.2.x86_64",
        ),
    ),
    "xcp-ng-8.3": Release(
        label="XCP-ng 8.3.0",
        brand="XCP-ng",
        version="8.3.0",
        platform="3.4.0",
        packages=(
            "acpid-2.0.19-9.el7.x86_64",
            "bash-4.2.46-35.el7_9.x86_64",
            "blktap-3.55.4-1.1.xcpng8.3.x86_64",
            "chrony-3.4-1.el7.x86_64",
            "dracut-033-536.xcpng8.3.x86_64",
            "forkexecd-25.6.0-1.xcpng8.3.x86_64",
            "glibc-2.17-326.el7_9.x86_64",
            "grub-2.06-4.0.2.1.xcpng8.3.x86_64",
            "kernel-4.19.19-8.0.38.1.xcpng8.3.x86_64",
            "linux-firmware-20211202-1.xcpng8.3.noarch",
            "lvm2-2.02.180-18.xcpng8.3.x86_64",
            "message-switch-25.6.0-1.xcpng8.3.x86_64",
            "openssh-server-7.4p1-23.xcpng8.3.x86_64",
            "openvswitch-2.17.7-2.xcpng8.3.x86_64",
            "sm-3.2.12-3.xcpng8.3.x86_64",
            "squeezed-25.6.0-1.xcpng8.3.x86_64",
            "systemd-219-78.xcpng8.3.x86_64",
            "xapi-core-25.6.0-1.xcpng8.3.x86_64",
            "xapi-xe-25.6.0-1.xcpng8.3.x86_64",
            "xcp-networkd-25.6.0-1.xcpng8.3.x86_64",
            "xcp-ng-deps-8.3-13.noarch",
            "xcp-ng-release-8.3.0-31.x86_64",
            "xen-dom0-tools-4.17.5-10.xcpng8.3.x86_64",
            "xen-hypervisor-4.17.5-10.xcpng8.3.x86_64",
        ),
    ),
    "xenserver-8": Release(
        label="XenServer-8",
        brand="XenServer",
        version="8.4.0",
        platform="3.4.0",
        packages=(
            "kernel-4.19.19-8.0.38.x86_64",
            "xapi-core-25.6.0-1.x86_64",
            "xen-hypervisor-4.17.5-10.x86_64",
            "xenserver-release-8.4.0-1.x86_64",
        ),
        one_section=True,
    ),
}


def packages(release: Release, about: str) -> dict[str, bytes]:
    """The files an installer installs from, by their paths; each says what it is."""
    return _old_repositories(release, about) if release.old else _repository(release, about)


def _repository(release: Release, about: str) -> dict[str, bytes]:
    """Packages, and the lists of them that yum reads."""
    packages = {f"Packages/{name}.rpm": f"{name}: {about}".encode() for name in release.packages}
    primary = _primary(packages)
    texts = {
        ".treeinfo": "\n".join(
            (
                *_named(release),
                "[build]\nnumber = labkit\n",
                "[keys]\nkey1 = RPM-GPG-KEY-standin\n",
            )
        ),
        "RPM-GPG-KEY-standin": about,
        "repodata/repomd.xml": '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<repomd xmlns="http://linux.duke.edu/metadata/repo">\n'
        '  <data type="primary">\n'
        f'    <checksum type="sha256">{sha256(primary).hexdigest()}</checksum>\n'
        '    <location href="repodata/primary.xml.gz"/>\n'
        "  </data>\n</repomd>\n",
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        "repodata/primary.xml.gz": primary,
        **packages,
    }


def _named(release: Release) -> tuple[str, ...]:
    """The sections that say what is installed, and on which platform."""
    if release.one_section:
        return (
            f"[system-v1]\nplatform_name = XCP\nplatform_version = {release.platform}\n"
            f"product_name = {release.brand}\nproduct_version = {release.version}\n",
        )
    return (
        f"[platform]\nname = XCP\nversion = {release.platform}\n",
        f"[branding]\nname = {release.brand}\nversion = {release.version}\n",
    )


def _old_repositories(release: Release, about: str) -> dict[str, bytes]:
    """Packed trees, as before there was yum: XCP's, and beside it that of what is made of XCP."""
    names = release.packages
    if release.brand == "XCP":
        folders = {"packages.main": _old_repository("xcp", "XCP", release.version, names, about)}
    else:
        ours = (f"{release.brand.lower()}-release",)
        folders = {
            "packages.main": _old_repository("xcp", "XCP", release.platform, names, about),
            "packages.xenserver": _old_repository(
                "xs", release.brand, release.version, ours, about
            ),
        }
    return {
        "XS-REPOSITORY-LIST": "".join(f"{folder}\n" for folder in folders).encode(),
        **{
            f"{folder}/{name}": content
            for folder, files in folders.items()
            for name, content in files.items()
        },
    }


def _old_repository(
    originator: str, product: str, version: str, names: tuple[str, ...], about: str
) -> dict[str, bytes]:
    packages = {f"{name}.tar.bz2": bz2.compress(f"{name}: {about}".encode()) for name in names}
    listed = "".join(
        f'  <package label="{name.partition(".")[0]}" type="tbz2" size="{len(content)}"'
        f' md5="{md5(content, usedforsecurity=False).hexdigest()}" root="/">{name}</package>\n'
        for name, content in packages.items()
    )
    texts = {
        "XS-REPOSITORY": f'<repository originator="{originator}" name="main" '
        f'product="{product}" version="{version}" build="labkit">\n'
        f"  <description>{about.strip()}</description>\n</repository>\n",
        "XS-PACKAGES": f"<packages>\n{listed}</packages>\n",
    }
    return {**{name: text.encode() for name, text in texts.items()}, **packages}


def _primary(packages: dict[str, bytes]) -> bytes:
    entries = "".join(
        f'<package type="rpm"><checksum type="sha256">{sha256(content).hexdigest()}</checksum>'
        f'<size package="{len(content)}"/><location href="{name}"/></package>\n'
        for name, content in packages.items()
    )
    count = len(packages)
    text = f'<metadata packages="{count}">\n{entries}</metadata>\n'
    return gzip.compress(text.encode(), mtime=0)
