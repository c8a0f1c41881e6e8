#!{{ interpreter }}
# labkit: run by the installer (stage filesystem-populated) with the new host's root as its
# argument. Puts in place what makes each clone itself at its first boot. The installer does
# not mind how this ends, but logs it: labkit reads that.
set -eu
root=$1
hook=$root/usr/libexec/labkit-identity
units=$root/etc/systemd/system

[ -f "$root/etc/xensource-inventory" ] || {
    echo "labkit: there is no host in $root" >&2
    exit 1
}
mkdir -p "${hook%/*}" "$units/sysinit.target.wants"
cat >"$hook" <<'END-OF-LABKIT-HOOK'
{{ hook -}}
END-OF-LABKIT-HOOK
chmod 755 "$hook"
cat >"$units/labkit-identity.service" <<'END-OF-LABKIT-UNIT'
{{ starter -}}
END-OF-LABKIT-UNIT
chmod 644 "$units/labkit-identity.service"
ln -sf ../labkit-identity.service "$units/sysinit.target.wants/labkit-identity.service"
sync
