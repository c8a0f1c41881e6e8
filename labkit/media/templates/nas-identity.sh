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

{% include 'hook-words.sh' %}
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
for share in {{ answers.vhd_share }} {{ answers.iso_share }}; do
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
