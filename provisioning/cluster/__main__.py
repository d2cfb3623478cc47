"""Starts a cluster on loopback, says where it is, and ends it with Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from protocol.errors import LocalError
from provisioning.cluster.parts import Cluster

PORT = 8360


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 ended, 1 something does not come up."""
    parser = argparse.ArgumentParser(prog="madoguchi cluster", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help=f"of the proxy (default {PORT})")
    parser.add_argument(
        "--notify", action="store_true", help="no NATS: words pass by the database's notifications"
    )
    asked = parser.parse_args(arguments)
    directory = Path(tempfile.mkdtemp(prefix="madoguchi-cluster-"))
    directory.chmod(0o711)  # the database's own user passes through
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with Cluster(directory, asked.port, nats=not asked.notify) as cluster:
            cluster.start()
            password = secrets.token_urlsafe(9)
            print(cluster.command("add-operator", "sato", typed=f"{password}\n").strip())
            print(f"desk      {cluster.url}/   name sato, password {password}")
            for number, (hub, url) in enumerate(zip(cluster.hubs, cluster.hub_urls, strict=True), 1):
                print(f"hub {number}     {url}   process {hub.process.pid}; kill -9 it and see")
            print(f"logs      {directory}/log; commands: python -m hub --config {directory}/hub-1.yaml list")
            print("Ctrl-C ends it all; nothing is kept.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except LocalError as error:
        print(f"cluster: {error.message}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
