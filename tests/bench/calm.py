"""Runs that count only on a calm machine: each is bracketed by an idle loop that sees how late it is woken.

found = calm(lambda: measure(), tries=4)      # None when the machine never was calm
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from provisioning.demo.sound import MachineWatch

LOOK_S = 1.0

T = TypeVar("T")


def disturbed() -> bool:
    """Whether an idle second saw a scheduler delay whose 99th percentile is above 20 ms."""
    watch = MachineWatch()
    time.sleep(LOOK_S)
    return watch.p99() > MachineWatch.DISTURBED_S


def calm(run: Callable[[], T], tries: int = 4) -> T | None:
    """The first run with a calm machine before and after it; the others are void and say so."""
    for number in range(1, tries + 1):
        if disturbed():
            print(f"   void: the machine was late before run {number}", flush=True)
            continue
        found = run()
        if not disturbed():
            return found
        print(f"   void: the machine was late after run {number}", flush=True)
    return None
