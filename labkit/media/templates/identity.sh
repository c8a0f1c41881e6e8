#!/bin/sh
# labkit: make this clone of an installed host itself, before anything of Xen starts for the
# first time. Who it is stands on a small medium labelled LABKIT.
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
medium=$root{{ '/var/run' if init == 'sysv' else '/run' }}/labkit-identity
identity=$medium/identity
stamp=$root/var/lib/labkit/identity
log=$root/var/log/labkit-identity.log
data=$root/etc/firstboot.d/data

{% include 'hook-words.sh' %}
# edit FILE SED-SCRIPT: keeps the file's mode and owner; a file that is not there stays away
edit() {
    [ -f "$1" ] || return 0
    cp -p "$1" "$1.labkit"
    sed "$2" "$1" >"$1.labkit"
    mv -f "$1.labkit" "$1"
    say "changed ${1#"$root"}"
}

# assign FILE KEY VALUE: KEY='VALUE', also where the file had no such line
assign() {
    grep -q "^$2=" "$1" || edit "$1" "\$a\\
$2=''"
    edit "$1" "s|^$2=.*|$2='$3'|"
}

mkdir -p "${log%/*}"
if [ -e "$stamp" ]; then
    say "nothing to do: this is host $(cat "$stamp") already"
    exit 0
fi
for trace in var/lib/xcp/state.db var/xapi/state.db var/lib/misc/ran-network-init; do
    if [ -e "$root/$trace" ]; then
        refuse "this host has booted before: there is /$trace"
    fi
done
find_medium || refuse "no medium labelled LABKIT came within $wait seconds"

host_uuid=$(needed HOST_UUID)
dom0_uuid=$(needed CONTROL_DOMAIN_UUID)
machine_id=$(needed MACHINE_ID)
hostname=$(needed HOSTNAME)
macs=$(needed MACS)
interface=$(needed INTERFACE)
proto=$(needed PROTO)
address=$(needed ADDRESS)
netmask=$(needed NETMASK)
gateway=$(value GATEWAY)
dns=$(value DNS)
root_hash=$(needed ROOT_HASH)
case $proto in
static) ;;
# All else is the DHCP server's to say.
dhcp) dns= ;;
*) refuse "the medium says neither static nor dhcp: $proto" ;;
esac
for file in etc/xensource-inventory etc/shadow; do
    [ -f "$root/$file" ] || refuse "this is no installed host: there is no /$file"
done

assign "$root/etc/xensource-inventory" INSTALLATION_UUID "$host_uuid"
assign "$root/etc/xensource-inventory" CONTROL_DOMAIN_UUID "$dom0_uuid"
# Where the installer named a bridge, that one decides at first boot, whatever the adapter.
bridge=xenbr${interface#eth}
edit "$root/etc/xensource-inventory" "s|^\(MANAGEMENT_INTERFACE=\)'..*'|\1'$bridge'|"
edit "$root/etc/sysconfig/xencommons" "s|.*XEN_DOM0_UUID=.*|XEN_DOM0_UUID=$dom0_uuid|"
{% if init == 'sysv' -%}
# No machine-id there, and the name stands with the network's settings.
network=$root/etc/sysconfig/network
[ -s "$network" ] || echo NETWORKING=yes | replace "$network" 644
grep -q "^HOSTNAME=" "$network" || edit "$network" "\$a\\
HOSTNAME="
edit "$network" "s|^HOSTNAME=.*|HOSTNAME=$hostname|"
{% else -%}
echo "$machine_id" | replace "$root/etc/machine-id" 444
echo "$hostname" | replace "$root/etc/hostname" 644
{% endif -%}
{
    echo "LABEL='$interface'"
    echo "MODE='$proto'"
    if [ "$proto" = static ]; then
        echo "IP='$address'"
        echo "NETMASK='$netmask'"
        [ -z "$gateway" ] || echo "GATEWAY='$gateway'"
        [ -z "$dns" ] || echo "DNS='$dns'"
    fi
    echo "MODEV6='none'"
} | replace "$data/management.conf" 644
if [ -n "$dns" ]; then
    echo "$dns" | tr , '\n' | sed 's/^/nameserver /' | replace "$root/etc/resolv.conf" 644
fi
# The installer named the partition by the serial number of a disk this clone does not have.
edit "$data/default-storage.conf" "s|^\(XS\)\{0,1\}PARTITIONS=.*|\1PARTITIONS='/dev/sda3'|"
# With the name of the golden machine all hosts would be one to an iSCSI target.
short=$(echo "$host_uuid" | tr -d - | cut -c 1-12)
for file in etc/iscsi/initiatorname.iscsi etc/firstboot.d/data/iqn.conf; do
    edit "$root/$file" "s|\(iqn\.[^:']*:\)[^']*|\1$short|"
done
give_root "$root_hash"
# Its own network adapters, in their order, in place of the golden machine's.
rename=$root/etc/sysconfig/network-scripts/interface-rename-data
number=0
for mac in $(echo "$macs" | tr , ' '); do
    echo "eth$number:mac=\"$mac\""
    number=$((number + 1))
done | replace "$rename/static-rules.conf" 644
rm -f "$rename/dynamic-rules.json"
rm -f "$root"/etc/ssh/ssh_host_*
sync

echo "$host_uuid" | replace "$stamp" 644
sync
if [ -z "$root" ]; then
    hostname "$hostname"
    umount "$medium" || :
fi
say "this is now $hostname, $address, host $host_uuid"
