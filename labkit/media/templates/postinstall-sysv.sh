#!{{ interpreter }}
# labkit: run by the installer (stage filesystem-populated) with the new host's root as its
# argument. Puts in place what makes each clone itself at its first boot. The installer does
# not mind how this ends, but logs it: labkit reads that.
set -eu
root=$1
hook=$root/usr/libexec/labkit-identity
starter=$root/etc/rc.d/init.d/labkit-identity

[ -f "$root/etc/xensource-inventory" ] || {
    echo "labkit: there is no host in $root" >&2
    exit 1
}
mkdir -p "${hook%/*}" "${starter%/*}"
cat >"$hook" <<'END-OF-LABKIT-HOOK'
{{ hook -}}
END-OF-LABKIT-HOOK
chmod 755 "$hook"
cat >"$starter" <<'END-OF-LABKIT-STARTER'
{{ starter -}}
END-OF-LABKIT-STARTER
chmod 755 "$starter"
# What chkconfig would do, without a program of the new host that may want its own root. 00 is
# before everything else there: init goes by the names.
for level in 2 3 4 5; do
    mkdir -p "$root/etc/rc.d/rc$level.d"
    ln -sf ../init.d/labkit-identity "$root/etc/rc.d/rc$level.d/S00labkit-identity"
done
sync
