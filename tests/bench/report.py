"""What a benchmark leaves: a table for the eye and `var/bench/NAME.json` for the record.

    rows = [Row("CPU per frame, 480p", "ms", ours=2.1, peers={"bare encoder": 2.0}, goal=Goal.at_most(1.15))]
    publish("media", rows)

A row compares us with a peer that was measured in the same run, so that a busy machine moves both. A row that
falls short stays in the table.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / "var" / "bench"


@dataclass(frozen=True, slots=True)
class Goal:
    """`limit` for our value, or for its ratio to the first peer when `of_ratio`."""

    limit: float
    least: bool = False  # the value must reach the limit instead of staying within it
    of_ratio: bool = False

    @classmethod
    def at_most(cls, limit: float) -> Self:
        return cls(limit)

    @classmethod
    def at_least(cls, limit: float) -> Self:
        return cls(limit, least=True)

    @classmethod
    def ratio_at_most(cls, limit: float) -> Self:
        return cls(limit, of_ratio=True)

    def reached(self, ours: float | None, ratio: float | None) -> bool:
        """False where the value is missing: what was not measured does not hold."""
        value = ratio if self.of_ratio else ours
        if value is None:
            return False
        return value >= self.limit if self.least else value <= self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {self.limit:g}{'x' if self.of_ratio else ''}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of ours beside the same figure of others. None: it could not be measured, `note` says why.

    `goal` None is a row for information, such as a control; it always holds.
    """

    what: str
    unit: str
    ours: float | None
    peers: Mapping[str, float | None] = field(default_factory=dict)
    goal: Goal | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the first peer's."""
        first = next(iter(self.peers.values()), None)
        return None if self.ours is None or not first else self.ours / first

    @property
    def holds(self) -> bool:
        return self.goal is None or self.goal.reached(self.ours, self.ratio)

    def record(self) -> dict[str, object]:
        """As it stands in the file."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": _rounded(self.ours),
            "peers": {name: _rounded(value) for name, value in self.peers.items()},
            "ratio": _rounded(self.ratio),
            "goal": "" if self.goal is None else str(self.goal),
            "holds": self.holds,
            **({"note": self.note} if self.note else {}),
        }


def publish(name: str, rows: Sequence[Row]) -> bool:
    """Prints the table and writes the file; whether every row holds."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    path = DIRECTORY / f"{name}.json"
    record = {"commit": commit(), "rows": [row.record() for row in rows]}
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    short = sum(not row.holds for row in rows)
    print(f"{path.relative_to(ROOT)}: {len(rows)} rows, {short} short of their goal")
    return short == 0


def table(rows: Sequence[Row]) -> str:
    """Columns aligned for a terminal."""
    lines = [("", "what", "unit", "ours", "peers", "ratio", "goal", "note")]
    for row in rows:
        peers = "  ".join(f"{name} {_text(value)}" for name, value in row.peers.items())
        goal = "" if row.goal is None else str(row.goal)
        mark = "" if row.goal is None else "ok" if row.holds else "--"
        lines.append((mark, row.what, row.unit, _text(row.ours), peers, _text(row.ratio), goal, row.note))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def commit() -> str:
    """The commit that was measured; '+' when the tree differs from it."""
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    dirty = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True)
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
