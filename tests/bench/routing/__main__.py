"""`make bench-routing`: the pool beside Erlang C, and what residents are told beside what comes true."""

from __future__ import annotations

import sys

from tests.bench.report import publish
from tests.bench.routing import pools, ranges


def main() -> int:
    """Exit code 0 when every row holds."""
    return 0 if publish("routing", [*pools.rows(), *ranges.rows()]) else 1


if __name__ == "__main__":
    sys.exit(main())
