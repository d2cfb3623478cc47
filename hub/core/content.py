"""What a municipality writes down: its sites, procedures and guidance pages, and what others see of it.

Decides how content reads on a terminal and at a desk. Never reads a file (that is `hub.content_files`)
and never doubts what it is given: `content_checks` has looked at everything before it gets here.

Texts for residents may hold readings and phrase spaces as `protocol.ruby` describes them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from hub.core import opening
from hub.core.centres import Shared, SkillNeed
from hub.core.duty_table import DutyTable
from protocol import values
from protocol.errors import LocalError
from protocol.ruby import breakable, plain
from protocol.strict_yaml import setting

ID = "^[a-z0-9][a-z0-9-]*$"
_WORD: dict[str, Any] = {"pattern": ID, "max_length": 40, "example": "kita-2 or care-flow"}
_COLOUR = "^#[0-9A-Fa-f]{6}$"
_HOURS = setting(
    "Opening hours of that weekday in Japan; several spans are separated by commas",
    max_length=60,
    example="8:30-17:15 or closed",
)
_TELEPHONE = "^[0-9][0-9-]{7,14}$"

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Hours = Annotated[str, _HOURS]
Reference = Annotated[str, setting("Id of a file", **_WORD)]


ClosedDays = Annotated[
    tuple[str, ...],
    setting("Days without service", max_length=100, example="2026-11-23, or 12-29 for every year"),
]

Holidays = Literal["national", "none"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that stands in a content file."""


class Week(Part, frozen=True):
    """Opening hours per weekday; a day that is not named is closed."""

    mon: Hours = opening.CLOSED
    tue: Hours = opening.CLOSED
    wed: Hours = opening.CLOSED
    thu: Hours = opening.CLOSED
    fri: Hours = opening.CLOSED
    sat: Hours = opening.CLOSED
    sun: Hours = opening.CLOSED

    def days(self) -> tuple[str, ...]:
        """Monday to Sunday."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class Terminal(Part, frozen=True):
    """One terminal at a site."""

    id: Annotated[str, setting("Word for the terminal, unique at its site", **_WORD)]
    name: Annotated[str, setting("Name on screens", min_length=1, max_length=20, example="1番の端末")]


class Place(Part, frozen=True):
    """One site: a counter of the municipality with its terminals."""

    id: Annotated[
        str,
        setting("Word for the site, unique in the municipality", **_WORD),
    ]
    name: Annotated[str, setting("Name on screens", min_length=1, max_length=40, example="北支所")]
    telephone: Annotated[
        str,
        setting("Telephone shown when nobody can be called", pattern=_TELEPHONE, example="0000-00-1234"),
    ]
    hours: Annotated[Week, setting("Opening hours per weekday")]
    terminals: Annotated[
        tuple[Terminal, ...], setting("Terminals that stand here", min_length=1, max_length=20)
    ]
    procedures: Annotated[
        tuple[Reference, ...], setting("Procedures offered here, in order, by id", max_length=20)
    ]
    closed_days: Annotated[
        ClosedDays | None, setting("Days without service here, in place of the municipality's; [] for none")
    ] = None
    holidays: Annotated[
        Holidays | None, setting("Closed on national holidays or not, in place of the municipality's")
    ] = None
    hours_note: Annotated[
        str, setting("Sentence after the hours, for example on holidays", max_length=80)
    ] = ""
    staff: Annotated[bool, setting("Staff of the branch can be rung to the terminals here (職員を呼ぶ)")] = (
        False
    )
    tiles: Annotated[bool, setting("Show procedures as tiles, at most six; each then starts a call")] = False
    skill: Annotated[SkillNeed | None, setting("What calls from here need of an operator")] = None

    def terminal(self, terminal: str) -> Terminal:
        """LocalError `unknown_terminal` when there is none of that id."""
        for one in self.terminals:
            if one.id == terminal:
                return one
        known = ", ".join(one.id for one in self.terminals)
        raise LocalError("unknown_terminal", f"site {self.id} has no terminal {terminal}; known: {known}")


class Department(Part, frozen=True):
    """One department of the town hall whose staff (specialists) a call can be passed to."""

    id: Annotated[str, setting("Word for the department, unique in the municipality", **_WORD)]
    name: Annotated[
        str,
        setting("Name as residents know it", min_length=1, max_length=40, example="高齢福祉課 介護保険係"),
    ]
    telephone: Annotated[
        str, setting("Telephone of the department", pattern=_TELEPHONE, example="0000-00-1234")
    ]
    procedures: Annotated[
        tuple[Reference, ...], setting("Procedures that it knows best, by id", max_length=20)
    ] = ()
    substitute: Annotated[
        Reference | None, setting("Department that is asked while nobody of this one is there, by id")
    ] = None


class Municipality(Part, frozen=True):
    """municipality.yaml: who it is, its colours and its sites."""

    id: Annotated[
        str,
        setting(
            "Word for the municipality, equal to its directory", pattern=ID, max_length=40, example="kita-1"
        ),
    ]
    name: Annotated[str, setting("Name on screens", min_length=1, max_length=40, example="みなみ市")]
    kana: Annotated[str, setting("Name in hiragana", pattern="^[ぁ-ゖー ]+$", max_length=60)]
    telephone: Annotated[str, setting("Main telephone", pattern=_TELEPHONE, example="0000-00-1234")]
    greeting: Annotated[
        str,
        setting("What the operator says first when the resident chose no procedure", max_length=400),
    ]
    sites: Annotated[tuple[Place, ...], setting("Counters", min_length=1, max_length=200)]
    closed_days: ClosedDays = ()
    departments: Annotated[
        tuple[Department, ...], setting("Departments that calls can be passed to", max_length=40)
    ] = ()
    holidays: Annotated[
        Holidays,
        setting("national: closed on the national holidays of Japan; none: as on other days"),
    ] = "none"
    second_factor: Annotated[
        bool,
        setting("Ask operators, head-office and branch staff for a second factor too; supervisors and admins "
                "are always asked"),
    ] = False  # fmt: skip
    brand: Annotated[
        str,
        setting("Colour of buttons; white text on it needs a contrast of 7:1", pattern=_COLOUR,
                example="'#006365'"),
    ] = "#006365"  # fmt: skip
    brand_dark: Annotated[
        str,
        setting("Darker colour of bars and pressed buttons", pattern=_COLOUR, example="'#00484A'"),
    ] = "#00484A"


class Block(Part, frozen=True):
    """One block of a page or of a handbook: exactly one of its keys is given."""

    heading: Annotated[str, setting("A heading", max_length=120)] = ""
    text: Annotated[str, setting("A paragraph", max_length=1000)] = ""
    steps: Annotated[tuple[Text, ...], setting("Numbered steps", max_length=12)] = ()
    facts: Annotated[dict[Text, Text], setting("Pairs of label and value", max_length=12)] = {}
    notice: Annotated[str, setting("A sentence that must not be missed", max_length=400)] = ""

    def kinds(self) -> list[str]:
        """The keys that are given."""
        return [name for name in self.__struct_fields__ if getattr(self, name)]

    def texts(self) -> list[str]:
        """Every text in it."""
        pairs = [word for pair in self.facts.items() for word in pair]
        return [text for text in (self.heading, self.text, *self.steps, *pairs, self.notice) if text]


class Sheet(Part, frozen=True):
    """What fits on the terminal at once."""

    blocks: Annotated[tuple[Block, ...], setting("Blocks from top to bottom", min_length=1, max_length=8)]


class Procedure(Part, frozen=True):
    """procedures/ID.yaml: what a resident should know before, and an operator during the call."""

    id: Annotated[
        str,
        setting(
            "Word for the procedure, equal to its file name", pattern=ID, max_length=40, example="kita-1"
        ),
    ]
    title: Annotated[str, setting("Name on the terminal", min_length=1, max_length=80)]
    greeting: Annotated[str, setting("What the operator says first", min_length=1, max_length=400)]
    handbook: Annotated[tuple[Block, ...], setting("What the operator reads", min_length=1, max_length=60)]
    sub: Annotated[str, setting("Second, smaller line under the title", max_length=120)] = ""
    ready: Annotated[tuple[Text, ...], setting("What the resident should have at hand", max_length=8)] = ()
    pages: Annotated[
        tuple[Reference, ...], setting("Guidance pages, by id, in the usual order", max_length=20)
    ] = ()
    captures: Annotated[
        tuple[values.CaptureKind, ...], setting("Stills that it usually needs", max_length=2)
    ] = ()
    skill: Annotated[SkillNeed | None, setting("What its calls need of an operator")] = None
    priority: Annotated[
        int, setting("Steps by which its calls are served before others (queue.priority_s each)", ge=0, le=5)
    ] = 0


class PageFile(Part, frozen=True):
    """pages/ID.yaml: a guidance page that an operator can push to the terminal."""

    id: Annotated[str, setting("Word for the page, equal to its file name", **_WORD)]
    title: Annotated[str, setting("Heading on the terminal", min_length=1, max_length=80)]
    sheets: Annotated[tuple[Sheet, ...], setting("Sheets, one after the other", min_length=1, max_length=12)]


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one municipality; procedures and pages by id."""

    municipality: Municipality
    procedures: dict[str, Procedure]
    pages: dict[str, PageFile]
    duties: DutyTable = DutyTable()
    phrases: tuple[str, ...] = ()  # canned captions as they travel, its own first

    def opening(self, place: Place, terminal: str = "") -> opening.Opening:
        """The hours of a site, or of one of its terminals that may be at an event, to be asked of moments."""
        days = self.municipality.closed_days if place.closed_days is None else place.closed_days
        holidays = place.holidays or self.municipality.holidays
        return opening.Opening.of(
            place.hours.days(), days, closed_on_holidays=holidays == "national",
            special=self.duties.special_days(place.id, terminal),
        )  # fmt: skip

    def site(self, site: str) -> Place:
        """LocalError `unknown_site` when there is none of that id."""
        for place in self.municipality.sites:
            if place.id == site:
                return place
        raise LocalError(
            "unknown_site",
            f"municipality {self.municipality.id} has no site {site}; "
            f"known: {', '.join(place.id for place in self.municipality.sites)}",
        )

    def department(self, department: str) -> Department | None:
        """None when the municipality has none of that id (any more)."""
        return next((one for one in self.municipality.departments if one.id == department), None)


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All municipalities by id, and what they share."""

    towns: dict[str, Town]
    shared: Shared = Shared()

    def town(self, municipality: str) -> Town:
        """LocalError `unknown_municipality` when there is none of that id."""
        if municipality not in self.towns:
            raise LocalError(
                "unknown_municipality",
                f"no municipality {municipality}; known: {', '.join(sorted(self.towns))}",
            )
        return self.towns[municipality]


# What others see


def topic(procedure: Procedure) -> values.Topic:
    """A procedure as a tile or a line on the terminal."""
    return values.Topic(
        id=procedure.id,
        title=breakable(procedure.title),
        sub=breakable(procedure.sub),
        ready=tuple(map(breakable, procedure.ready)),
    )


def topic_title(content: Content, municipality: str, topic: str) -> str:
    """Name of a procedure without readings, for lists at the desk; empty for none or an unknown one."""
    procedure = content.town(municipality).procedures.get(topic)
    return spoken(procedure.title) if procedure else ""


def greeting(content: Content, municipality: str, topic: str) -> str:
    """What the operator reads aloud first: the procedure's words, else the municipality's."""
    town = content.town(municipality)
    procedure = town.procedures.get(topic)
    return spoken(procedure.greeting if procedure else town.municipality.greeting)


def page(content: Content, municipality: str, page: str) -> values.Page | None:
    """A guidance page as it travels; None when the municipality has none of that id."""
    found = content.town(municipality).pages.get(page)
    return page_view(found) if found else None


def page_view(page: PageFile) -> values.Page:
    """A page file as it travels to terminal and desk."""
    return values.Page(
        id=page.id,
        title=breakable(page.title),
        sheets=tuple(tuple(block_view(block) for block in sheet.blocks) for sheet in page.sheets),
    )


def block_view(block: Block) -> values.PageBlock:
    """A block as it travels; readings stay in."""
    (kind,) = block.kinds()
    return values.PageBlock(
        kind=kind,
        text=breakable(block.heading or block.text or block.notice),
        items=tuple(map(breakable, block.steps)),
        pairs=tuple((breakable(label), breakable(value)) for label, value in block.facts.items()),
    )


def spoken(text: str) -> str:
    """An author's text for a person who reads with ease: no readings, no phrase spaces."""
    return plain(breakable(text))
