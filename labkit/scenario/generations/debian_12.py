"""Debian 12 (bookworm), of 2023: the installer of its netinst ISO."""

from labkit.scenario.generations.debian import DebianInstaller

_KEYMAPS = """
    us al ara es(ast) bd by in(ben) be dz(la) ba br gb bg bg(phonetic) mm ca ca(multi) es(cat) cn hr
    cz dk nl us(dvorak) bt epo ee et fi fr(latin9) ge de gr in(guj) in(jhelum) il in hu is ie it jp
    in(kan) kz kh kg kr(kr104) tr(ku_f) tr(ku) la latam lv lt mk in(mal) np no(smi) no ir ph pl pt
    in(guru) ro ru rs pk(snd) lk sk si es se ch(fr) ch tj in(tam) in(tel) th cn(tib) tr(f) tr ua
    cn(ug) vn
"""

DEBIAN_12 = DebianInstaller(
    name="debian-12",
    product="Debian GNU/Linux",
    versions="12",
    iso_name="debian-12-amd64-netinst.iso",
    marker=".disk/info",
    isolinux="/isolinux/isolinux.cfg",
    grub="/boot/grub/grub.cfg",
    kernel="/install.amd/vmlinuz",
    initrd="/install.amd/initrd.gz",
    parameters=(
        "auto=true",
        "priority=critical",
        "file=/cdrom/labkit/preseed.cfg",
        # Questions and progress as lines: the default one paints a screen with escape sequences.
        "DEBIAN_FRONTEND=text",
        # On a serial port the installer starts in GNU screen, which paints a clock once a minute:
        # it would never fall silent. On a dumb terminal it starts without.
        "TERM=dumb",
        # Adapters are eth0, eth1, … in the order of their slots, as on the hosts.
        "net.ifnames=0",
        "console=tty0",
        # The installer works on the last one.
        "console=ttyS0,115200n8",
    ),
    installed_parameters=("net.ifnames=0", "console=tty0", "console=ttyS0,115200n8"),
    # The last one for the power button: logind, which hears it, is nothing without dbus.
    packages=("nfs-kernel-server", "openssh-server", "systemd-timesyncd", "libpam-systemd"),
    keymaps=tuple(_KEYMAPS.split()),
    smallest_disk_mib=8 * 1024,
    memory_mib=1024,
    disks=r"(sd|vd|xvd)[a-z]|nvme[0-9]n[0-9]",
    timezones=2023,
)
