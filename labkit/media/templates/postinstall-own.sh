#!{{ interpreter }}
# labkit: run by the installer (stage filesystem-populated) with the new host's root as its
# argument, where each host is installed by itself and answers for itself. All that is left is
# the UUID that labkit knows it by, which is its machine's. The installer does not mind how this
# ends, but logs it: labkit reads that.
set -eu
inventory=$1/etc/xensource-inventory

[ -f "$inventory" ] || {
    echo "labkit: there is no host in $1" >&2
    exit 1
}
# Written beside its old self and renamed, with the same owner and mode.
cp -p "$inventory" "$inventory.labkit"
sed "s|^INSTALLATION_UUID=.*|INSTALLATION_UUID='{{ host_uuid }}'|" "$inventory" >"$inventory.labkit"
mv -f "$inventory.labkit" "$inventory"
grep -q "{{ host_uuid }}" "$inventory"
sync
