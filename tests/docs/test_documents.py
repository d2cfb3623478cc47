"""Promises of the documents: what is made from the code is fresh, and what is named exists."""

import importlib.util
import re
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from hardware import errors as device_errors
from kiosk.agent.devices import CAUSES
from kiosk.agent.hub_link import FAULTS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
PATH = re.compile(r"`((?:protocol|hardware|kiosk|hub|provisioning|config|tests|docs|systemd)/[\w./-]+)`")
CODE_BLOCK = re.compile(r"^```.*?^```", re.M | re.S)
DOCUMENTS = ("*.md", "docs/**/*.md", "tests/**/*.md", "hub/desk/*.md")
PICTURE_LIMIT = 200 * 1024


def markdown() -> list[Path]:
    """Every document of ours; not those of installed packages."""
    found = {path for pattern in DOCUMENTS for path in ROOT.glob(pattern)}
    return sorted(path for path in found if "node_modules" not in path.parts)


def prose(path: Path) -> str:
    return CODE_BLOCK.sub("", path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    found = set()
    for title in HEADING.findall(prose(path)):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title).strip().lower()
        kept = (c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LN")
        found.add("".join(kept).replace(" ", "-"))
    return found


def broken_links(path: Path) -> list[str]:
    broken = []
    for match in LINK.finditer(prose(path)):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(f"{path.relative_to(ROOT)}: {target}")
    return broken


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_made_from_the_code_is_fresh(generate: ModuleType) -> None:
    """No diagram, setting, message or key in the documents differs from the code."""
    stale = [path.name for path, text in generate.written().items() if path.read_text("utf-8") != text]
    assert stale == [], "run make generate"


def test_a_changed_part_is_noticed_and_nothing_around_it_is_touched(generate: ModuleType) -> None:
    """Only what stands between a part's two comments is replaced, and a lost comment is an error."""
    text = "by hand\n<!-- begin x (docs/generate.py) -->\n\nold\n\n<!-- end x -->\nby hand too\n"
    assert generate.renewed(text, "x", "new") == text.replace("old", "new")
    with pytest.raises(ValueError, match="comments of 'y'"):
        generate.renewed(text, "y", "new")


def test_a_diagram_joins_what_leads_the_same_way(generate: ModuleType) -> None:
    """Two events with one effect are one arrow, and self-loops without effect are none."""
    edges = [("a", "e", "b", ("x",)), ("a", "f", "b", ("x",)), ("b", "g", "b", ()), ("b", "h", "[*]", ())]
    assert generate.diagram(edges, "a").splitlines()[2:-1] == [
        "    [*] --> a", "    a --> b: e, f / x", "    b --> [*]: h",
    ]  # fmt: skip


def test_every_edge_of_a_machine_is_in_its_diagram(generate: ModuleType) -> None:
    """Joining arrows loses none: each transition with an effect or another state can be found again."""
    from kiosk.core.capture import TRANSITIONS

    drawn = generate.still_at_kiosk()
    for (stage, event), step in TRANSITIONS.items():
        to = generate.place(step.stage)
        arrow = re.search(rf"^    {stage} --> {re.escape(to)}: [^/\n]*\b{event}\b", drawn, re.M)
        everywhere = re.search(rf"^- From each of [^:]*\b{stage}\b[^:]*: \*{event}\b", drawn, re.M)
        assert arrow or everywhere, (stage, event)


def test_every_key_of_the_desk_is_in_the_manual(generate: ModuleType) -> None:
    """The operator's manual knows as many keys as the desk's table."""
    source = (ROOT / "hub/desk/src/core/shortcuts.ts").read_text("utf-8")
    assert generate.keys().count("<kbd>") == len(re.findall(r"^  row\(", source, re.M))


@pytest.mark.parametrize("path", markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every link inside the repository leads to a file and, where it names one, to a heading."""
    assert broken_links(path) == []


def test_a_link_to_nowhere_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: a missing file and a missing heading are both told."""
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "b.md").write_text("# A heading, here\n", "utf-8")
    page = tmp_path / "a.md"
    page.write_text("[x](b.md#a-heading-here) [y](b.md#gone) [z](gone.md) [w](https://e.example)\n", "utf-8")
    assert broken_links(page) == ["a.md: b.md#gone", "a.md: gone.md"]


def test_named_files_exist() -> None:
    """A file of the tree that a document names is there; places for something new are written with <>."""
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in markdown()
        for name in PATH.findall(prose(path))
        if not (ROOT / name).exists()
    ]
    assert missing == []


def test_every_code_on_a_terminal_is_in_the_technicians_manual() -> None:
    """What stands small at the foot of a screen is explained, with cause and remedy."""
    manual = (DOCS / "manual/technician.ja.md").read_text("utf-8")
    classes = [kind for kind in vars(device_errors).values() if isinstance(kind, type)]
    codes = {kind.code for kind in classes if issubclass(kind, device_errors.DeviceError)} - {"device"}
    codes |= {*FAULTS, *CAUSES, "U-01 no agent"}
    assert [code for code in sorted(codes) if f"`{code}" not in manual] == []


def test_pictures_are_small() -> None:
    """Nobody waits for a picture of the documents."""
    large = [path.name for path in (DOCS / "pictures").iterdir() if path.stat().st_size > PICTURE_LIMIT]
    assert large == []


def test_every_picture_is_shown_somewhere() -> None:
    """No picture is left behind by a document that has gone another way."""
    told = "".join(path.read_text("utf-8") for path in markdown())
    assert [path.name for path in (DOCS / "pictures").iterdir() if path.name not in told] == []
