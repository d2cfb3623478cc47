"""What operators type finds what the samples' handbooks say: the desk's search over the hub's own answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from hub.content_files import load
from hub.core.handbook import handbook

ROOT = Path(__file__).parents[2]


def test_operators_find_what_the_samples_say() -> None:
    """The queries of search.real.test.ts, in kana, half width and bad order, lead to the right lines."""
    content = load(ROOT / "config" / "municipalities")
    books = msgspec.json.encode({name: handbook(content, name) for name in content.towns})
    done = subprocess.run(
        [sys.executable, "hub/desk/desk.py", "test", "src/core/search.real.test.ts"],
        cwd=ROOT, env={**os.environ, "VITE_BOOKS": books.decode()}, capture_output=True, text=True,
        timeout=50, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "skipped" not in said, said
