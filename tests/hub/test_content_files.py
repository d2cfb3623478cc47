"""Reading content from a directory: the samples are in order, mistakes are told at once with their lines."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.content_files import load
from hub.core import duties
from hub.core.content import Content, PageFile, Procedure
from hub.core.duty_table import Kind
from hub.core.handbook import handbook
from hub.core.site_view import site_view
from protocol.errors import ConfigError, ConfigErrors
from protocol.ruby import plain
from protocol.values import CaptureKind

SAMPLES = Path(__file__).parents[2] / "config" / "municipalities"
NOON = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # a Tuesday, 12:30 in Japan
KANJI = re.compile(r"[一-鿿々〆]")


@pytest.fixture(scope="module")
def content() -> Content:
    """The two sample municipalities."""
    return load(SAMPLES)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the samples to break."""
    return Path(shutil.copytree(SAMPLES, tmp_path / "municipalities"))


def edit(file: Path, old: str, new: str) -> None:
    """Change a text that stands in a file; it must stand there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def place(root: Path, name: str, text: str) -> str:
    """'FILE:LINE' of the first line of a file that holds a text."""
    lines = (root / name).read_text("utf-8").splitlines()
    return f"{name}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


def complaints(root: Path) -> list[str]:
    """All complaints, with paths below `root`."""
    with pytest.raises(ConfigError) as caught:
        load(root)
    return caught.value.message.replace(f"{root}/", "").splitlines()


# The samples


def test_two_municipalities_with_three_procedures_and_their_pages(content: Content) -> None:
    """Everything that the samples promise is there."""
    assert set(content.towns) >= {"kitamidai", "minami"}
    for town in content.towns.values():
        assert set(town.procedures) >= {"mynumber-card", "residence-certificate", "care-insurance"}
        assert town.procedures["mynumber-card"].captures == (CaptureKind.ID_PHOTO, CaptureKind.DOCUMENT_STILL)
        used = {page for procedure in town.procedures.values() for page in procedure.pages}
        used |= set(town.duties.disaster_pages)
        assert used == set(town.pages), "a page that no procedure names is hard to find for an operator"
        assert len(town.municipality.sites) >= 3
        assert any(len(site.terminals) == 2 for site in town.municipality.sites)
    assert content.towns["minami"].municipality.brand != content.towns["kitamidai"].municipality.brand


def test_one_counter_of_each_can_be_tried_at_any_hour(content: Content) -> None:
    """A demonstration works at night, on New Year's Day and on every day of the next three years."""
    for name, town in content.towns.items():
        hours = town.opening(town.site("taiken"), "taiken-1")
        for ahead in range(3 * 366):
            assert hours.spans(NOON.date() + timedelta(days=ahead)) == ((0, 1440),), (name, ahead)
            for topic in town.site("taiken").procedures:
                moment = NOON + timedelta(days=ahead)
                assert duties.who(town, "taiken", "taiken-1", topic, moment).kind is Kind.OPERATOR
    for name in content.towns:
        for moment in (datetime(2027, 1, 1, 15, 0, tzinfo=UTC), datetime(2026, 11, 22, 3, 0, tzinfo=UTC)):
            assert site_view(content, name, "taiken", "taiken-1", moment).open


def test_a_long_name_travels_whole(content: Content) -> None:
    """As long as the longest of the country."""
    view = site_view(content, "kitamidai", "higashi", "higashi-2", NOON)
    assert view.municipality_name == "春海県大島原郡北見台町"


def resident_texts(content: Content) -> list[str]:
    """Everything that a resident reads."""
    texts: list[str] = []
    for town in content.towns.values():
        for procedure in town.procedures.values():
            texts += [procedure.title, procedure.sub, *procedure.ready]
        for page in town.pages.values():
            blocks = [block for sheet in page.sheets for block in sheet.blocks]
            texts += [page.title, *(text for block in blocks for text in block.texts())]
    return texts


def test_every_kanji_of_a_resident_has_its_reading(content: Content) -> None:
    """Facts of easy Japanese: furigana, in hiragana."""
    for text in resident_texts(content):
        rest = re.sub(r"\{[^}]+\}", "", text)
        assert not KANJI.search(rest), text
        for read in re.findall(r"\|([^}]+)\}", text):
            assert re.fullmatch(r"[ぁ-ゖー]+", read), text


def test_no_sentence_has_more_than_thirteen_kanji(content: Content) -> None:
    """Facts of easy Japanese: short sentences that a child of ten can follow."""
    for text in resident_texts(content):
        for sentence in re.split(r"[。、(]", plain(text)):
            assert len(KANJI.findall(sentence)) <= 13, sentence


def test_a_sheet_fits_on_the_smallest_terminal(content: Content) -> None:
    """At most seven lines of steps and pairs on a sheet, and no text of more than 44 characters."""
    for town in content.towns.values():
        for page in town.pages.values():
            for sheet in page.sheets:
                rows = sum(max(1, len(block.steps) + len(block.facts)) for block in sheet.blocks)
                assert rows <= 7, (page.id, rows)
                for block in sheet.blocks:
                    assert all(len(plain(text)) <= 44 for text in block.texts()), page.id


TOLD = (
    "交付時来庁", "申請時来庁", "1歳未満", "写真なし", "23けた", "12けたの番号は聞かない", "6〜16文字",
    "暗証番号は聞かない",
)  # fmt: skip


def test_an_operator_is_told_what_never_happens_here(content: Content) -> None:
    """PINs and personal numbers are neither asked nor pictured; under one year no photo; three flows."""
    for name in content.towns:
        (card,) = [item for item in handbook(content, name).procedures if item.id == "mynumber-card"]
        text = "".join(
            part
            for block in card.handbook
            for part in (block.text, *block.items, *(word for pair in block.pairs for word in pair))
        )
        for needle in TOLD:
            assert needle in text, (name, needle)
    for text in resident_texts(content):
        assert "12けた" not in text


# Mistakes


def test_everything_wrong_in_all_files_is_told_at_once(copy: Path) -> None:
    """Form, references, colours and stray files of both municipalities, each with its line."""
    edit(copy / "minami/municipality.yaml", 'brand: "#006365"', 'brand: "#00696B"')
    edit(copy / "minami/municipality.yaml", "thu: 8:30-19:00", "thu: 19:00-8:30")
    edit(copy / "minami/procedures/mynumber-card.yaml", "card-pin]", "card-pim]")
    edit(copy / "minami/procedures/care-insurance.yaml", "sub:", "subtitle:")
    edit(copy / "kitamidai/pages/card-baby.yaml", "      - notice:", "      - warning:")
    (copy / "kitamidai/pages/draft.yml").write_text("id: draft\n")
    town, card = "minami/municipality.yaml", "minami/procedures/mynumber-card.yaml"
    care, baby = "minami/procedures/care-insurance.yaml", "kitamidai/pages/card-baby.yaml"
    assert sorted(complaints(copy)) == [
        f"{place(copy, baby, 'warning')}: sheets[0].blocks[3].warning: unknown key; known here: "
        "heading, text, steps, facts, notice",
        "kitamidai/pages/draft.yml: only files named ID.yaml belong here",
        f"{place(copy, town, 'brand:')}: brand: white text on #00696B has a contrast of 6.5:1; "
        "allowed: 7:1 or more, so choose a darker colour",
        f"{place(copy, town, '19:00-8:30')}: sites[0].hours.thu: '19:00-8:30' ends before it begins",
        f"{place(copy, care, 'subtitle')}: subtitle: unknown key; did you mean 'title'?",
        f"{place(copy, card, 'card-pim')}: pages[2]: no page 'card-pim'; did you mean 'card-pin'?",
    ]


def test_departments_are_known_and_their_substitutes_lead_somewhere(copy: Path) -> None:
    """An unknown procedure or substitute, a double and a circle of substitutes are each named with a line."""
    town = "minami/municipality.yaml"
    edit(copy / town, "procedures: [care-insurance]\n    substitute: shimin", "substitute: zeimuka")
    edit(copy / town, "telephone: 0000-00-1140", "telephone: 0000-00-1140\n    procedures: [care-insurence]")
    far = "kitamidai/municipality.yaml"
    edit(copy / far, "telephone: 0000-00-2120", "telephone: 0000-00-2120\n    substitute: fukushi")
    assert sorted(complaints(copy)) == [
        f"{place(copy, far, 'substitute: fukushi')}: departments[0].substitute: jumin -> fukushi -> jumin "
        "leads back to itself; leave one of them out",
        f"{place(copy, far, 'substitute: jumin')}: departments[1].substitute: fukushi -> jumin -> fukushi "
        "leads back to itself; leave one of them out",
        f"{place(copy, town, 'zeimuka')}: departments[1].substitute: no department 'zeimuka'; "
        "did you mean 'zeimu'?",
        f"{place(copy, town, 'care-insurence')}: departments[2].procedures[0]: "
        "no procedure 'care-insurence'; did you mean 'care-insurance'?",
    ]
    edit(copy / far, "    substitute: fukushi\n", "")
    edit(copy / town, "zeimuka", "kaigo")
    edit(copy / town, "care-insurence", "care-insurance")
    edit(copy / town, "id: zeimu", "id: shimin # again")
    assert sorted(complaints(copy)) == [
        f"{place(copy, town, 'substitute: kaigo')}: departments[1].substitute: kaigo -> kaigo "
        "leads back to itself; leave one of them out",
        f"{place(copy, town, '# again')}: departments[2].id: department 'shimin' stands twice",
    ]


def test_mistakes_of_the_duty_table_are_told_with_the_others(copy: Path) -> None:
    """Who opens the hub in the morning mends all of them at once: file, line and key."""
    duties = "minami/duties.yaml"
    edit(copy / duties, "sites: [kita], time", "sites: [kia], time")
    edit(copy / duties, "until: 2026-12-06", "until: 2026-12-05")
    edit(copy / "minami/procedures/care-insurance.yaml", "sub:", "subtitle:")
    wrong = complaints(copy)
    assert [line for line in wrong if duties in line] == [
        f"{place(copy, duties, '[kia]')}: rows[0].sites[0]: no site 'kia'; did you mean 'kita'?",
        f"{place(copy, duties, 'hours_on')}: events[0].hours_on.2026-12-06: 2026-12-06 lies outside the "
        "event (2026-12-05 to 2026-12-05)",
    ]
    assert any("subtitle" in line for line in wrong)


def test_rows_that_contradict_each_other_stop_the_start(copy: Path) -> None:
    """Only once all else is in order can hours be compared."""
    duties = "kitamidai/duties.yaml"
    edit(
        copy / duties,
        "rows:",
        "rows:\n  - {who: closed, procedures: [residence-certificate], sites: [higashi]}",
    )
    (line,) = complaints(copy)
    assert line.startswith(f"{place(copy, duties, 'who: branch')}: rows[1]: contradicts rows[0] at higashi")


def test_one_mistake_is_one_error(copy: Path) -> None:
    """A page that cannot be read is not also called missing by its procedure."""
    edit(copy / "minami/pages/card-pin.yaml", "sheets:", "sheet:")
    lines = complaints(copy)
    assert all(line.startswith("minami/pages/card-pin.yaml") for line in lines)
    assert "did you mean 'sheets'?" in lines[-1] or "did you mean 'sheets'?" in lines[0]


def test_a_text_that_begins_with_a_brace_is_told_to_be_quoted(copy: Path) -> None:
    """The slip that every author makes once."""
    edit(copy / "minami/pages/card-photo.yaml", '"{写真|しゃしん}の とりかた"', "{写真|しゃしん}の とりかた")
    (line,) = complaints(copy)
    assert line.startswith("minami/pages/card-photo.yaml:2: not YAML")
    assert "quotes" in line


def test_a_missing_municipality_file_is_named(copy: Path) -> None:
    """A directory alone is no municipality."""
    (copy / "minami/municipality.yaml").unlink()
    (line,) = complaints(copy)
    assert line.startswith("minami/municipality.yaml: no such file")


def test_no_directory_and_an_empty_one_say_what_belongs_there(tmp_path: Path) -> None:
    """The hub does not start with nothing."""
    with pytest.raises(ConfigError, match="no such directory"):
        load(tmp_path / "none")
    with pytest.raises(ConfigError, match="no municipality; make a directory"):
        load(tmp_path)


def test_the_files_of_an_editor_do_not_matter(copy: Path) -> None:
    """A swap file beside a page is no page; a folder that is not there holds nothing."""
    (copy / "minami/pages/.card-pin.yaml.swp").write_bytes(b"\x00\xff")
    (copy / ".git").mkdir()
    assert set(load(copy).towns) == set(load(SAMPLES).towns)
    shutil.rmtree(copy / "kitamidai/pages")
    with pytest.raises(ConfigErrors, match="no page 'card-visit'; known: none"):
        load(copy)


def test_what_a_municipality_writes_stays_its_own(content: Content) -> None:
    """The same ids in two municipalities are two texts."""
    first: list[Procedure | PageFile] = [content.towns["minami"].procedures["care-insurance"]]
    second: list[Procedure | PageFile] = [content.towns["kitamidai"].procedures["care-insurance"]]
    first.append(content.towns["minami"].pages["care-flow"])
    second.append(content.towns["kitamidai"].pages["care-flow"])
    assert all(one != other for one, other in zip(first, second, strict=True))
