"""What terminals and desks see of a municipality, and which mistakes of an author are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import pytest

from hub.core.colour import contrast
from hub.core.content import (
    Block,
    Content,
    Municipality,
    PageFile,
    Place,
    Procedure,
    Sheet,
    Terminal,
    Town,
    Week,
    greeting,
    page,
    topic_title,
)
from hub.core.content_checks import PAGE_LIMIT, Files, problems
from hub.core.handbook import handbook
from hub.core.site_view import site_view
from protocol import envelope
from protocol.errors import LocalError
from protocol.kiosk_link import Present
from protocol.values import CaptureKind, PageBlock, Presentation

OPEN = datetime(2026, 11, 24, 1, 24, tzinfo=UTC)  # Tuesday, 10:24 in Japan
NIGHT = OPEN + timedelta(hours=10)

PAGE = PageFile(
    id="photo",
    title="{写真|しゃしん}の とりかた",
    sheets=(
        Sheet(blocks=(Block(heading="{前|まえ}に"), Block(steps=("{帽子|ぼうし}を とる", "すわる")))),
        Sheet(blocks=(Block(facts={"めがね": "{光|ひか}らない"}), Block(notice="{教|おし}えて ください"))),
    ),
)
CARD = Procedure(
    id="card",
    title="カードの {申請|しんせい}",
    sub="{写真|しゃしん}も とれます",
    ready=("{申請書|しんせいしょ}の {紙|かみ}",),
    greeting="カードの申請ですね。 写真も撮ります。",
    handbook=(Block(heading="聞き取り"), Block(text="だれの 申請か"), Block(facts={"手数料": "無料"})),
    pages=("photo",),
    captures=(CaptureKind.ID_PHOTO,),
)
KITA = Place(
    id="kita",
    name="北支所",
    telephone="0000-00-1210",
    hours=Week(mon="8:30-17:15", tue="8:30-17:15"),
    hours_note="{祝日|しゅくじつ}も お{休|やす}み",
    terminals=(Terminal(id="kita-1", name="1番の端末"), Terminal(id="kita-2", name="2番の端末")),
    procedures=("card",),
)
TOWN = Municipality(
    id="minami",
    name="みなみ市",
    kana="みなみし",
    telephone="0000-00-1100",
    greeting="お待たせいたしました。",
    sites=(KITA,),
    closed_days=("11-23",),
)
CONTENT = Content(towns={"minami": Town(municipality=TOWN, procedures={"card": CARD}, pages={"photo": PAGE})})


S = TypeVar("S", bound=msgspec.Struct)


def changed(value: S, **fields: Any) -> S:
    """A copy with other fields."""
    return msgspec.structs.replace(value, **fields)


def found(*, town: Any = TOWN, procedures: Any = (CARD,), pages: Any = (PAGE,)) -> list[tuple[str, str, str]]:
    """(file, key, text) of everything that is wrong."""
    files = Files(
        municipality=town,
        procedures={f"procedures/{item.id}.yaml": item for item in procedures},
        pages={f"pages/{item.id}.yaml": item for item in pages},
    )
    return [(problem.file, problem.key, problem.text) for problem in problems("minami", files)]


def only(**files: Any) -> tuple[str, str, str]:
    """The one thing that is wrong."""
    (problem,) = found(**files)
    return problem


def at_site(**fields: Any) -> Any:
    """The municipality with its site changed."""
    return changed(TOWN, sites=(changed(KITA, **fields),))


# What others see


def test_a_terminal_learns_its_place() -> None:
    """Names, telephone, colours, topics; spaces between phrases are now places to break."""
    view = site_view(CONTENT, "minami", "kita", "kita-2", OPEN)
    assert (view.municipality_name, view.site_name, view.terminal_name) == ("みなみ市", "北支所", "2番の端末")
    assert (view.open, view.closed_text, view.opens_text) == (True, "", "")
    assert view.telephone == "0000-00-1210"
    assert view.topics[0].title == "カードの\u200b{申請|しんせい}"
    assert view.topics[0].ready == ("{申請書|しんせいしょ}の\u200b{紙|かみ}",)
    assert view.hours.startswith("月・火 8:30〜17:15(水〜日は\u200bお休み)")
    assert "{祝日|しゅくじつ}も\u200bお{休|やす}み" in view.hours


def test_a_closed_counter_says_why_and_when() -> None:
    """Nothing to guess for a resident in front of a dark counter."""
    view = site_view(CONTENT, "minami", "kita", "kita-1", NIGHT)
    assert not view.open
    assert "{終|お}わりました" in view.closed_text
    assert "11{月|がつ}30{日|にち}" in view.opens_text  # Wednesday to Sunday are closed


def test_a_site_may_have_closed_days_of_its_own() -> None:
    """None takes the municipality's days, a list replaces them, an empty list has none."""
    holiday = OPEN - timedelta(days=1)  # Monday, 23 November
    for days, is_open in ((None, False), ((), True), (("11-23",), False), (("11-24",), True)):
        town = changed(CONTENT.towns["minami"], municipality=at_site(closed_days=days))
        content = Content(towns={"minami": town})
        assert site_view(content, "minami", "kita", "kita-1", holiday).open is is_open


def test_a_terminal_that_no_file_names_is_called_by_its_id() -> None:
    """A terminal can be enrolled before somebody writes its name down."""
    assert site_view(CONTENT, "minami", "kita", "spare-7", OPEN).terminal_name == "spare-7"


def test_all_operators_away_is_said_beside_the_hours() -> None:
    """Open, but nobody there: the terminal shows another screen."""
    view = site_view(CONTENT, "minami", "kita", "kita-1", OPEN, on_duty=False)
    assert view.open
    assert not view.operators_on_duty


@pytest.mark.parametrize(("town", "site", "code"), [
    ("nowhere", "kita", "unknown_municipality"), ("minami", "nowhere", "unknown_site"),
])  # fmt: skip
def test_an_unknown_place_is_named_with_the_known_ones(town: str, site: str, code: str) -> None:
    """A terminal enrolled for a site that was removed is told so, not shown another's."""
    with pytest.raises(LocalError, match="known: ") as caught:
        site_view(CONTENT, town, site, "kita-1", OPEN)
    assert caught.value.code == code


def test_the_operator_reads_without_readings() -> None:
    """The handbook is plain; the pages in it are as the resident sees them."""
    book = handbook(CONTENT, "minami")
    (card,) = book.procedures
    assert (card.title, card.sub, card.ready) == ("カードの申請", "写真もとれます", ("申請書の紙",))
    assert card.handbook == (
        PageBlock(kind="heading", text="聞き取り"),
        PageBlock(kind="text", text="だれの申請か"),
        PageBlock(kind="facts", pairs=(("手数料", "無料"),)),
    )
    assert (card.pages, card.captures) == (("photo",), (CaptureKind.ID_PHOTO,))
    assert book.pages == (page(CONTENT, "minami", "photo"),)
    assert book.pages[0].sheets[1][1] == PageBlock(kind="notice", text="{教|おし}えて\u200bください")
    assert ("教", "おし") in book.readings  # so that a search by sound finds what is written in kanji
    assert len(set(book.readings)) == len(book.readings)


def test_the_greeting_is_the_procedures_or_the_municipalitys() -> None:
    """A touch on the one big button has no procedure yet."""
    assert greeting(CONTENT, "minami", "card") == "カードの申請ですね。写真も撮ります。"
    assert greeting(CONTENT, "minami", "") == "お待たせいたしました。"
    assert topic_title(CONTENT, "minami", "card") == "カードの申請"
    assert topic_title(CONTENT, "minami", "gone") == ""
    assert page(CONTENT, "minami", "gone") is None


# What is found


def test_sound_files_have_no_problems() -> None:
    """The cast of these tests is in order."""
    assert found() == []


def test_a_colour_that_cannot_carry_white_text_is_refused() -> None:
    """7:1, with the figure that was measured."""
    file, key, text = only(town=changed(TOWN, brand="#00696B"))
    assert (file, key) == ("municipality.yaml", "brand")
    assert text.startswith("white text on #00696B has a contrast of 6.5:1; allowed: 7:1 or more")
    assert only(town=changed(TOWN, brand_dark="#777777"))[1] == "brand_dark"
    assert found(town=changed(TOWN, brand="#006365")) == []


def test_contrast_is_that_of_the_standard() -> None:
    """Black on white is 21, the darkest grey that AA allows on white is 4.54."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize(
    ("fields", "key", "text"),
    [
        ({"hours": Week(mon="17-8")}, "sites[0].hours.mon", "no time span"),
        ({"closed_days": ("13-01",)}, "sites[0].closed_days[0]", "no calendar"),
        ({"procedures": ("cart",)}, "sites[0].procedures[0]", "no procedure 'cart'; did you mean 'card'?"),
        ({"procedures": ("zzz",)}, "sites[0].procedures[0]", "no procedure 'zzz'; known: card"),
        ({"procedures": ("card", "card")}, "sites[0].procedures[1]", "'card' stands twice"),
        ({"terminals": (KITA.terminals[0],) * 2}, "sites[0].terminals[1].id", "terminal 'kita-1' stands"),
        ({"hours_note": "{休|やす"}, "sites[0].hours_note", "belongs to no reading"),
    ],
)
def test_a_mistake_at_a_site_is_found(fields: dict[str, Any], key: str, text: str) -> None:
    """Key and sentence lead to the place."""
    file, where, said = only(town=at_site(**fields))
    assert (file, where) == ("municipality.yaml", key)
    assert text in said


def test_a_mistake_of_the_municipality_is_found() -> None:
    """Its days, its directory, and sites that share an id."""
    assert only(town=changed(TOWN, closed_days=("11-31",)))[1] == "closed_days[0]"
    assert only(town=changed(TOWN, id="kita"))[2].startswith("'kita' stands in the directory 'minami'")
    assert only(town=changed(TOWN, sites=(KITA, KITA)))[1:] == ("sites[1].id", "site 'kita' stands twice")


def test_no_more_tiles_than_a_screen_can_show() -> None:
    """Six tiles of a finger's size; as a list there may be more."""
    seven = [changed(CARD, id=f"p{n}") for n in range(7)]
    ids = tuple(item.id for item in seven)
    tiled = at_site(procedures=ids, tiles=True)
    assert "7 tiles; allowed: at most 6" in only(town=tiled, procedures=seven)[2]
    assert found(town=at_site(procedures=ids), procedures=seven) == []


@pytest.mark.parametrize(
    ("procedure", "key", "text"),
    [
        (changed(CARD, pages=("foto",)), "pages[0]", "no page 'foto'; did you mean 'photo'?"),
        (changed(CARD, title="{申請"), "title", "belongs to no reading"),
        (changed(CARD, ready=("よい", "わるい|")), "ready", "(in 'わるい|')"),
        (changed(CARD, handbook=(Block(),)), "handbook[0]", "nothing in one block; allowed: exactly one of"),
        (changed(CARD, handbook=(Block(heading="a", text="b"),)), "handbook[0]", "heading and text in one"),
        (changed(CARD, handbook=(Block(facts={"a": "}"}),)), "handbook[0]", "belongs to no reading"),
    ],
)
def test_a_mistake_in_a_procedure_is_found(procedure: Procedure, key: str, text: str) -> None:
    """Key and sentence lead to the place."""
    file, where, said = only(procedures=[procedure])
    assert (file, where) == ("procedures/card.yaml", key)
    assert text in said


def test_a_mistake_in_a_page_is_found() -> None:
    """Markup in a title and in the depth of a sheet."""
    broken = changed(PAGE, sheets=(PAGE.sheets[0], Sheet(blocks=(Block(steps=("{a}",)),))))
    assert only(pages=[broken])[:2] == ("pages/photo.yaml", "sheets[1].blocks[0]")
    assert only(pages=[changed(PAGE, title="|")])[1] == "title"
    empty = changed(PAGE, sheets=(Sheet(blocks=(Block(),)),))
    assert only(pages=[empty])[1:] == (
        "sheets[0].blocks[0]",
        "nothing in one block; allowed: exactly one of heading, text, steps, facts, notice",
    )


def test_a_file_is_named_after_its_id_and_an_id_has_one_file() -> None:
    """Otherwise an author edits one file and another is shown."""
    files = Files(
        municipality=TOWN,
        procedures={"procedures/card.yaml": CARD},
        pages={"pages/photo.yaml": PAGE, "pages/photo-2.yaml": PAGE},
    )
    said = [(problem.file, problem.text) for problem in problems("minami", files)]
    assert ("pages/photo-2.yaml", "'photo' stands in photo-2.yaml; name the file photo.yaml") in said
    assert any("stands in pages/photo.yaml too" in text for _, text in said)


def test_a_file_with_errors_of_its_own_is_not_called_missing() -> None:
    """One slip in a page must not raise a second complaint in every procedure that shows it."""
    files = Files(municipality=TOWN, procedures={"procedures/card.yaml": CARD}, unread={"photo"})
    assert problems("minami", files) == []
    files = Files(municipality=TOWN, pages={"pages/photo.yaml": PAGE}, unread={"card"})
    assert problems("minami", files) == []


def test_a_page_that_fits_in_no_message_is_found() -> None:
    """What passes the check can be sent with room to spare; what does not is told its size."""
    steps = tuple("あ" * 400 for _ in range(12))

    def of(sheets: int, blocks: int) -> PageFile:
        return changed(PAGE, sheets=(Sheet(blocks=(Block(steps=steps),) * blocks),) * sheets)

    said = only(pages=[of(3, 1)])
    assert said[1] == "sheets"
    assert f"allowed: at most {PAGE_LIMIT}" in said[2]
    assert found(pages=[of(2, 1)]) == []
    content = Content(towns={"minami": changed(CONTENT.towns["minami"], pages={"photo": of(2, 1)})})
    shown = Presentation(page=page(content, "minami", "photo"))
    assert len(envelope.write(Present(presentation=shown), version=1, id="m").encode()) < 40 * 1024


def test_topics_that_fill_the_snapshot_are_found() -> None:
    """The snapshot of a terminal carries all procedures of its site."""
    many = [changed(CARD, id=f"p{n}", ready=("あ" * 400,) * 8) for n in range(2)]
    site = at_site(procedures=("p0", "p1"))
    assert "bytes of titles and lists" in only(town=site, procedures=many)[2]
