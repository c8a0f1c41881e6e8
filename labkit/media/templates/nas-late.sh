#!/bin/sh
# labkit: the installer's last command, with the new system's root as its argument. Puts in place
# what makes each clone itself at its first boot. Labkit reads what it says when it fails.
set -eu
root=$1
hook=$root/usr/libexec/labkit-identity
units=$root/etc/systemd/system

for file in etc/debian_version etc/shadow usr/sbin/exportfs usr/sbin/sshd usr/bin/ssh-keygen; do
    [ -f "$root/$file" ] || {
        echo "there is no storage server in $root: it has no /$file"
        exit 1
    }
done
mkdir -p "${hook%/*}" "$root{{ answers.vhd_share }}" "$root{{ answers.iso_share }}"
cat >"$hook" <<'END-OF-LABKIT-HOOK'
{{ hook -}}
END-OF-LABKIT-HOOK
chmod 755 "$hook"
cat >"$units/labkit-identity.service" <<'END-OF-LABKIT-UNIT'
{{ starter -}}
END-OF-LABKIT-UNIT
chmod 644 "$units/labkit-identity.service"
{% if identity -%}
mkdir -p "$root/var/lib/labkit"
(umask 077 && cat >"$root/var/lib/labkit/own" <<'END-OF-LABKIT-IDENTITY'
{{ identity -}}
END-OF-LABKIT-IDENTITY
)
{% endif -%}

# start TARGET UNIT PATH: what `systemctl enable` does, without a program of the new system
start() {
    mkdir -p "$units/$1.wants"
    ln -sf "$3/$2" "$units/$1.wants/$2"
}
start sysinit.target labkit-identity.service ..
# The address comes from systemd-networkd alone, so that an adapter can be named by its MAC.
start multi-user.target systemd-networkd.service /lib/systemd/system
start sockets.target systemd-networkd.socket /lib/systemd/system
start network-online.target systemd-networkd-wait-online.service /lib/systemd/system
cat >"$root/etc/network/interfaces" <<'END'
# labkit: all else is in /etc/systemd/network
auto lo
iface lo inet loopback
END
mkdir -p "$root/etc/ssh/sshd_config.d"
echo "PermitRootLogin yes" >"$root/etc/ssh/sshd_config.d/labkit.conf"
{% if answers.ntp -%}
mkdir -p "$root/etc/systemd/timesyncd.conf.d"
cat >"$root/etc/systemd/timesyncd.conf.d/labkit.conf" <<'END'
[Time]
NTP={{ answers.ntp | join(" ") }}
END
{% endif -%}
sync
