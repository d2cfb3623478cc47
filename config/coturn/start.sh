#!/bin/sh
# Starts coturn with the product's configuration and the secret that it shares with the hub.
#
#   start.sh SECRET_FILE [OPTION ...]      options go to turnserver and win over the configuration
#
# The secret stands on no command line, where every user of the machine could read it: a configuration with it is
# written where only this user can read, in $RUNTIME_DIRECTORY (systemd) or a new directory in /tmp.
set -eu
here=$(dirname "$(readlink -f "$0")")
: "${TURNSERVER:=turnserver}"

fail() {
    echo "relay: $1" >&2
    exit 1
}

[ $# -ge 1 ] || fail "name the file with the shared secret: start.sh SECRET_FILE"
secret_file=$1
shift
command -v "$TURNSERVER" >/dev/null || fail "the Debian package coturn is missing; as root: apt-get install coturn"
[ -r "$secret_file" ] || fail "$secret_file: cannot be read; it holds the same secret as the hub's secret_file"
case $(stat -Lc %a "$secret_file") in
*00) ;;
*) fail "$secret_file: others may read this secret; run: chmod 600 $secret_file" ;;
esac
secret=$(tr -d '[:space:]' <"$secret_file")
[ ${#secret} -ge 32 ] || fail "$secret_file: one line of at least 32 characters is needed"

umask 077
into=${RUNTIME_DIRECTORY:-$(mktemp -d)}
{
    cat "$here/turnserver.conf"
    echo "static-auth-secret=$secret"
} >"$into/turnserver.conf"
exec "$TURNSERVER" -c "$into/turnserver.conf" --pidfile="$into/turnserver.pid" --userdb="$into/turndb" "$@"
