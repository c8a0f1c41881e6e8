{# What the first-boot hooks have in common. They set: root, wait, medium, log, and identity, the file
   that says who this is. -#}
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
