#!/bin/sh
# A relay on loopback with a secret of its own in var/turn; `make turn`. Ends with Ctrl-C.
# Loopback is allowed as a peer here, and only here: both sides of a call are on this machine.
set -eu
root=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
port=${PORT:-3478}
own=$root/var/turn
umask 077
mkdir -p "$own"
[ -s "$own/secret" ] || head -c 48 /dev/urandom | base64 -w 0 >"$own/secret"
cat <<TEXT
A TURN relay for development. In config/hub.yaml:

ice_servers:
  - urls: ["turn:127.0.0.1:$port"]
    secret_file: $own/secret

TEXT
RUNTIME_DIRECTORY=$own exec sh "$root/config/coturn/start.sh" "$own/secret" \
    --listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --listening-port="$port" --no-tls --no-dtls \
    --allow-loopback-peers --allowed-peer-ip=127.0.0.1 "$@"
