"""`make bench-media`: the media path beside its peers, in one run; table and var/bench/media.json."""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback

from tests.bench.report import Row, publish

SUITES = ("cpu", "latency", "network", "echo")
"""Each is a module beside this one with `rows() -> list[Row]`."""


def main() -> int:
    """Exit codes: 0 every row holds, 1 one falls short, 2 a suite broke."""
    parser = argparse.ArgumentParser(prog="make bench-media", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"only these: {', '.join(SUITES)}")
    chosen = parser.parse_args().suites or list(SUITES)
    if unknown := [name for name in chosen if name not in SUITES]:
        parser.error(f"no suite {unknown[0]!r}; there are {', '.join(SUITES)}")
    rows: list[Row] = []
    broken = False
    for name in chosen:
        print(f"== {name}", flush=True)
        try:
            rows += importlib.import_module(f"tests.bench.media.{name}").rows()
        except Exception:
            traceback.print_exc()
            broken = True
    holds = publish("media" if not broken and chosen == list(SUITES) else "media-part", rows)
    return 2 if broken else 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
