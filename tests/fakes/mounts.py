"""A mount namespace of its own for a program of a test: what is mounted in it nobody else sees.

subprocess.run([*private_mounts(), "sh", "-ec", 'mount -t tmpfs -o size=2m tmpfs "$1"', "sh", str(place)])
"""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path

import pytest


@functools.cache
def private_mounts() -> list[str]:
    """How to begin the command. Skips the test, with the reason, where the kernel lets nobody mount."""
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    begin = ["unshare", "--mount", *rights]
    if "shared:" not in Path("/proc/self/mountinfo").read_text("utf-8"):
        begin += ["--propagation", "unchanged"]  # private already; and inside a chroot it cannot be changed
    tried = subprocess.run([*begin, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"NOTHING IS PROVEN HERE, for nobody may mount: {tried.stderr.strip()}")
    return begin
