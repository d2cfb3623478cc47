"""What is made from the messages is up to date, and says what the messages say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol import generate
from protocol.desk_link import DESK_SAYS, HUB_SAYS_TO_DESK
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK, KIOSK_SAYS
from protocol.rest import REST_BODIES


def test_nothing_made_is_stale() -> None:
    """Whoever changes a message runs `python -m protocol.generate` before the tests pass."""
    assert generate.stale() == []


def test_check_finds_and_names_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing and changed files fail the check; writing mends both and is itself quiet the second time."""
    assert generate.main(["--check"], tmp_path) == 1
    assert "protocol/schema.json is stale" in capsys.readouterr().err
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    typescript = tmp_path / "hub/desk/src/protocol.ts"
    typescript.write_text(typescript.read_text("utf-8").replace("CURRENT_VERSION = 1", "CURRENT_VERSION = 9"))
    capsys.readouterr()
    assert generate.main(["--check"], tmp_path) == 1
    assert "protocol.ts is stale" in capsys.readouterr().err


def test_the_schema_names_every_message_of_every_side() -> None:
    """Four sides, all types, and each reference leads somewhere."""
    schema = json.loads(generate.made()["protocol/schema.json"])
    sides = {
        "kiosk_says": KIOSK_SAYS, "hub_says_to_kiosk": HUB_SAYS_TO_KIOSK,
        "desk_says": DESK_SAYS, "hub_says_to_desk": HUB_SAYS_TO_DESK,
    }  # fmt: skip
    for side, says in sides.items():
        assert {part["properties"]["type"]["const"] for part in schema[side]["oneOf"]} == set(says)
    assert set(schema["rest"]) == {body.__name__ for body in REST_BODIES}
    assert _references(schema) <= {f"#/$defs/{name}" for name in schema["$defs"]}


def test_a_body_in_the_schema_has_no_type_of_its_own() -> None:
    """On the wire the type stands in the envelope."""
    schema = json.loads(generate.made()["protocol/schema.json"])
    hello = schema["$defs"]["Hello"]
    assert "type" not in hello["properties"]
    assert hello["required"] == ["device", "boot_id", "versions", "software", "signature"]


def test_the_desk_must_read_all_and_may_leave_out_defaults() -> None:
    """Optional is only what a desk may leave out when it speaks."""
    text = generate.made()["hub/desk/src/protocol.ts"]
    assert '  | Envelope<"show_page", Defaulted<ShowPage, "sheet">>' in text
    assert '  | Envelope<"candidate", Candidate>' in text
    assert "  readonly mids: Readonly<Record<string, MediaRole>>;" in text
    assert "  readonly sheets: ReadonlyArray<ReadonlyArray<PageBlock>>;" in text
    assert "  readonly pairs: ReadonlyArray<readonly [string, string]>;" in text
    assert "export interface TerminalCall " not in text  # a value of the kiosk link alone
    assert '  readonly state: "available" | "away";' in text
    for message in (*DESK_SAYS.values(), *HUB_SAYS_TO_DESK.values(), *REST_BODIES):
        assert f"export interface {message.__name__} " in text or f"export type {message.__name__} " in text


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
