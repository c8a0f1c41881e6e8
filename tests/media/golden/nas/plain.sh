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
mkdir -p "${hook%/*}" "$root/export/vhd" "$root/export/iso"
cat >"$hook" <<'END-OF-LABKIT-HOOK'
#!/bin/sh
# labkit: make this clone of an installed storage server itself, before its network starts for
# the first time. Who it is stands on a small medium labelled LABKIT, or where the installer put
# it, in /var/lib/labkit/own.
#
# Whatever interrupts this, it starts over at the next boot and ends the same: each file is
# written beside its old self and renamed, and the stamp comes last.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077

# Another root than / is for trying this out.
root=${LABKIT_ROOT:-}
wait=${LABKIT_WAIT:-30}
medium=$root/run/labkit-identity
identity=$medium/identity
stamp=$root/var/lib/labkit/identity
own=$root/var/lib/labkit/own
log=$root/var/log/labkit-identity.log

say() {
    echo "$(date -u +%FT%TZ) labkit: $*" >>"$log" || :
    # A console nobody can write to is no reason to stop.
    { echo "labkit: $*" >"$root/dev/console"; } 2>/dev/null || :
}

refuse() {
    say "nothing was changed: $*"
    exit 1
}

# replace FILE MODE: what comes in on standard input, all of it or none
replace() {
    mkdir -p "${1%/*}"
    cat >"$1.labkit"
    chmod "$2" "$1.labkit"
    mv -f "$1.labkit" "$1"
    say "wrote ${1#"$root"}"
}

find_medium() {
    mkdir -p "$medium"
    left=$wait
    # A run that was killed may have left it mounted.
    while [ ! -f "$medium/identity" ]; do
        for device in "$root/dev/disk/by-label/LABKIT" "$root"/dev/sr[0-9]*; do
            [ -b "$device" ] || continue
            mount -t iso9660 -o ro "$device" "$medium" 2>/dev/null || continue
            [ -f "$medium/identity" ] && return 0
            umount "$medium"
        done
        [ "$left" -gt 0 ] || return 1
        left=$((left - 1))
        sleep 1
    done
}

# value KEY: from the medium, read but never run; only characters that are safe in what follows
value() {
    found=$(sed -n "s/^$1='\([^']*\)'\$/\1/p" "$identity" | head -n 1)
    case $found in
    *[!A-Za-z0-9.,:/=\$_-]*) refuse "the value of $1 on the medium is no such thing" ;;
    esac
    echo "$found"
}

# needed KEY
needed() {
    found=$(value "$1") || exit 1
    [ -n "$found" ] || refuse "the medium says no $1"
    echo "$found"
}

# give_root HASH: without sed, whose arguments everybody on the host can see
give_root() {
    cp -p "$root/etc/shadow" "$root/etc/shadow.labkit"
    while IFS= read -r line; do
        case $line in
        root:*) line=root:$1:${line#root:*:} ;;
        esac
        printf '%s\n' "$line"
    done <"$root/etc/shadow" >"$root/etc/shadow.labkit"
    mv -f "$root/etc/shadow.labkit" "$root/etc/shadow"
    say "changed /etc/shadow"
}

# bits NETMASK: how many there are
bits() {
    echo "$1" | tr . '\n' | {
        sum=0
        while read -r part; do
            while [ "$part" -gt 0 ]; do
                sum=$((sum + part % 2))
                part=$((part / 2))
            done
        done
        echo "$sum"
    }
}

mkdir -p "${log%/*}"
if [ -e "$stamp" ]; then
    rm -f "$own"
    say "nothing to do: this is $(cat "$stamp") already"
    exit 0
fi
# Written at every boot, after this.
if [ -s "$root/var/log/wtmp" ]; then
    refuse "this server has booted before: there is something in /var/log/wtmp"
fi
[ ! -f "$own" ] || identity=$own
[ -f "$identity" ] || find_medium || refuse "no medium labelled LABKIT came within $wait seconds"

machine_id=$(needed MACHINE_ID)
hostname=$(needed HOSTNAME)
interface=$(needed INTERFACE)
mac=$(value MAC)
address=$(needed ADDRESS)
netmask=$(needed NETMASK)
gateway=$(value GATEWAY)
dns=$(value DNS)
clients=$(needed CLIENTS)
root_hash=$(needed ROOT_HASH)
for file in etc/debian_version etc/shadow usr/bin/ssh-keygen; do
    [ -f "$root/$file" ] || refuse "this is no installed storage server: there is no /$file"
done

echo "$machine_id" | replace "$root/etc/machine-id" 444
echo "$hostname" | replace "$root/etc/hostname" 644
{
    echo "127.0.0.1 localhost"
    echo "$address $hostname"
    echo "::1 localhost ip6-localhost ip6-loopback"
} | replace "$root/etc/hosts" 644
{
    echo "[Match]"
    if [ -n "$mac" ]; then echo "MACAddress=$mac"; else echo "Name=$interface"; fi
    echo "[Network]"
    echo "Address=$address/$(bits "$netmask")"
    [ -z "$gateway" ] || echo "Gateway=$gateway"
    echo "LinkLocalAddressing=no"
    echo "IPv6AcceptRA=no"
} | replace "$root/etc/systemd/network/10-labkit.network" 644
# Also when there is none: the installer's own would be waited for, at each mount.
echo "$dns" | tr , '\n' | sed -n 's/^./nameserver &/p' | replace "$root/etc/resolv.conf" 644
# As root, since hosts write as root, and to the disk before it is said to be there.
for share in /export/vhd /export/iso; do
    echo "$clients" | tr , '\n' |
        sed "s|.*|$share &(rw,sync,no_root_squash,no_subtree_check)|"
done | replace "$root/etc/exports" 644
give_root "$root_hash"
rm -f "$root"/etc/ssh/ssh_host_*
"$root/usr/bin/ssh-keygen" -q -A ${root:+-f "$root"}
say "made keys for SSH"
sync

echo "$hostname" | replace "$stamp" 644
rm -f "$own"
sync
if [ -z "$root" ]; then
    hostname "$hostname"
    umount "$medium" 2>/dev/null || :
fi
say "this is now $hostname, $address"
END-OF-LABKIT-HOOK
chmod 755 "$hook"
cat >"$units/labkit-identity.service" <<'END-OF-LABKIT-UNIT'
[Unit]
Description=Make this clone itself (labkit)
DefaultDependencies=no
Conflicts=shutdown.target
ConditionPathExists=!/var/lib/labkit/identity
After=local-fs.target systemd-remount-fs.service systemd-udevd.service
# Before everything that reads who the server is, and before what leaves the traces of a boot.
Before=sysinit.target shutdown.target network-pre.target systemd-update-utmp.service
Before=systemd-networkd.service networking.service systemd-timesyncd.service
Before=ssh.service rpcbind.service rpc-statd.service nfs-mountd.service nfs-server.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
# Keys for SSH take their time where nothing is fast.
TimeoutStartSec=300
ExecStart=/bin/sh /usr/libexec/labkit-identity

[Install]
WantedBy=sysinit.target
END-OF-LABKIT-UNIT
chmod 644 "$units/labkit-identity.service"
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
sync
