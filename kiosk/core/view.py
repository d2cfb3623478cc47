"""The language between the agent and the screen: one `View` down, `Touch` events up.

A View says everything that a person may see or touch; the UI adds nothing of its own but layout.
It is a mailbox: the newest View replaces the one before it, so every View is whole. Texts are final
(language and ruby chosen by the agent); ruby is written `{漢字|かんじ}`, a place where a line may
break is U+200B, and a text without any U+200B breaks by the rules of kinsoku alone.
Pictures are not in the View: a `Picture` names a stream of frames that reaches the UI as memory.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Screen(StrEnum):
    """Which screen is shown; each has one body type below."""

    STARTING = "starting"
    IDLE = "idle"
    WAITING = "waiting"
    TALKING = "talking"
    PHOTO = "photo"
    ENDED = "ended"
    CLOSED = "closed"
    BUSY = "busy"
    OFFLINE = "offline"
    TROUBLE = "trouble"


class Picture(StrEnum):
    """A stream of frames: the operator's camera, the paper under the document camera, the resident."""

    OPERATOR = "operator"
    PAPER = "paper"
    SELF = "self"


class TextSize(StrEnum):
    """'large' meets 6.1 mm capitals, 'normal' at least 4 mm (facts of legibility)."""

    NORMAL = "normal"
    LARGE = "large"


class Layout(StrEnum):
    """What is largest in a call."""

    OPERATOR = "operator"
    PAPER = "paper"
    PAGE = "page"


class TouchKind(StrEnum):
    """Everything that a finger can mean; `Touch.value` is given where the comment says so."""

    START = "start"  # value: topic id, or "" for the one big button
    LEAVE = "leave"  # asks; nothing ends yet
    LEAVE_YES = "leave_yes"
    LEAVE_NO = "leave_no"
    STILL_HERE = "still_here"  # answers the idle warning
    CONSENT_YES = "consent_yes"
    CONSENT_NO = "consent_no"
    REPLY = "reply"  # value: a word of protocol.values.ReplyWord
    TEXT_SIZE = "text_size"
    LANGUAGE = "language"  # value: language code
    VOLUME_UP = "volume_up"
    VOLUME_DOWN = "volume_down"
    READ = "read"  # leaves the words that stood in place of a call
    STAFF = "staff"  # asks; nobody is rung yet
    STAFF_YES = "staff_yes"
    STAFF_NO = "staff_no"
    STAFF_STOP = "staff_stop"  # nobody is needed any more
    DONE = "done"  # leaves the 'ended' screen
    ACTIVITY = "activity"  # a finger on nothing in particular; keeps the idle clock away


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every value here: immutable, keyword only."""


class Theme(Part, frozen=True):
    """Colours of the municipality as #RRGGBB; checked for contrast before they get here."""

    brand: str = "#00696B"
    brand_dark: str = "#00484A"


class Choice(Part, frozen=True):
    """Something to touch. `value` travels back in the Touch."""

    kind: TouchKind
    label: str
    value: str = ""
    sub: str = ""  # a second, smaller line
    icon: str = ""  # card, house, moving, seal, child, document, question, phone, speech, ...; may be empty
    selected: bool = False


class Person(Part, frozen=True):
    """Who is on the other side."""

    name: str
    role: str
    municipality: str


class Idle(Part, frozen=True):
    """The invitation. With tiles, each tile is itself the touch that starts the call."""

    title: str
    lines: tuple[str, ...] = ()
    start: Choice | None = None
    tiles: tuple[Choice, ...] = ()
    topics_title: str = ""
    topics: tuple[str, ...] = ()  # what one can ask about, shown when there are no tiles
    hours: str = ""
    later: tuple[str, ...] = ()  # what cannot be chosen now, and when it can
    page: PageSheet | None = None  # in a disaster: beside the one key, or the telephone where nobody is there
    telephone_label: str = ""
    telephone: str = ""


class Waiting(Part, frozen=True):
    """A person is being called. Times are texts; `waited` is renewed every second."""

    title: str
    status: str  # 'お呼びしています' or the place in the queue
    waited_label: str
    waited: str
    expected_label: str = ""
    expected: str = ""
    ready_title: str = ""
    ready: tuple[str, ...] = ()  # what to have at hand
    note: str = ""


class PageBlock(Part, frozen=True):
    """One block of a guidance page; `kind` is heading, text, steps, facts or notice."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


class PageSheet(Part, frozen=True):
    """One guidance page as the operator pushed it."""

    id: str
    title: str
    blocks: tuple[PageBlock, ...]
    number: str = ""  # '1 / 3', empty for a single sheet
    next_label: str = "つぎへ"  # keys of the screen's own, where a small panel shows a sheet in parts
    back_label: str = "まえへ"


class Words(Part, frozen=True):
    """The operator's words in large type and the keys that answer them, where sound carries nothing."""

    text: str
    ask: str  # stands over the keys
    keys: tuple[Choice, ...]
    said: str = ""  # what the resident has answered, in place of `ask`


class Talking(Part, frozen=True):
    """The call. `layout` says what is largest; the operator's picture never disappears."""

    person: Person
    layout: Layout = Layout.OPERATOR
    pictures: tuple[Picture, ...] = (Picture.OPERATOR, Picture.PAPER, Picture.SELF)
    paper_title: str = ""
    paper_note: str = ""  # '止めています' while frozen
    self_label: str = ""
    page: PageSheet | None = None
    caption: str = ""
    notice: str = ""  # 'つなぎ直しています'
    calm: str = ""  # why less is carried than usual, in plain words; nothing needs to be done
    words: Words | None = None  # in place of every picture but the operator's
    held: str = ""  # the reason of a hold, empty while talking


class PhotoStage(StrEnum):
    """The steps of taking a still, in order."""

    CONSENT = "consent"
    AIM = "aim"
    COUNT = "count"
    SHUTTER = "shutter"
    SENDING = "sending"
    SHOWN = "shown"
    FAILED = "failed"


class Check(Part, frozen=True):
    """One thing that was looked at; `state` is good, caution or bad, always with its word."""

    label: str
    state: str
    word: str


class Photo(Part, frozen=True):
    """Taking the ID photo (`of` = self, with an oval) or the still of a paper (`of` = paper)."""

    stage: PhotoStage
    of: Picture
    title: str
    instruction: str
    count: int = 0  # seconds left, 0 when not counting
    checks: tuple[Check, ...] = ()
    choices: tuple[Choice, ...] = ()
    person: Person | None = None
    still: bool = False  # a frame buffer of the taken still stands behind `of`


class Ended(Part, frozen=True):
    """After a call: thanks, what happens next, that everything was wiped."""

    title: str
    lines: tuple[str, ...] = ()
    wiped: str = ""
    done: Choice | None = None


class Notice(Part, frozen=True):
    """Closed, busy, offline, trouble, starting: plain words and the telephone."""

    title: str
    lines: tuple[str, ...] = ()
    telephone_label: str = ""
    telephone: str = ""
    hours: str = ""
    code: str = ""  # for the technician, small, at the foot
    icon: str = ""  # moon, person, cloud, wrench, clock


class Band(Part, frozen=True):
    """A line under the head of every screen: what goes on beside it."""

    text: str
    urgent: bool = False  # to be read now
    icon: str = ""


class Dialog(Part, frozen=True):
    """A question over everything, such as やめますか or the idle warning."""

    title: str
    text: str = ""
    choices: tuple[Choice, ...] = ()
    seconds: int = 0  # left to answer; 0 = no limit
    seconds_unit: str = "秒"


class Footer(Part, frozen=True):
    """What is always there: leave, text size, language, volume, live cameras and who is watching."""

    leave: Choice | None = None
    staff: Choice | None = None  # rings the branch's own staff, or takes it back
    text_size: Choice | None = None
    languages: tuple[Choice, ...] = ()
    language_label: str = "Language"  # the key that shows them all where they do not fit in a row
    language_back: str = "もどる"
    volume: int = 0  # 1..5; 0 hides the keys
    volume_label: str = ""
    live: tuple[str, ...] = ()  # names of the cameras that are on
    watching: tuple[str, ...] = ()  # who sees them, one sentence a person; or that nobody does


class Prompt(Part, frozen=True):
    """A sentence to be spoken once; the id keeps it from being said twice or lost."""

    id: int
    text: str


Body = Idle | Waiting | Talking | Photo | Ended | Notice


class View(Part, frozen=True):
    """Everything on the screen. `body` belongs to `screen`: a Notice serves five of them."""

    revision: int
    screen: Screen
    title: str  # 'みなみ市 リモート窓口'
    clock: str  # '11月23日(月) 午前10:24'
    idle: Idle | None = None
    waiting: Waiting | None = None
    talking: Talking | None = None
    photo: Photo | None = None
    ended: Ended | None = None
    notice: Notice | None = None
    dialog: Dialog | None = None
    band: Band | None = None
    footer: Footer = Footer()
    theme: Theme = Theme()
    language: str = "ja"
    text_size: TextSize = TextSize.NORMAL
    simulated: str = ""  # non-empty names what is simulated; the screen says so
    prompt: Prompt | None = None


class Touch(Part, frozen=True):
    """A finger meant something. `revision` is the View that the person was looking at."""

    kind: TouchKind
    value: str = ""
    revision: int = 0


class Pointer(Part, frozen=True):
    """The operator's pointer on the paper, 0..1 of the picture; apart from the View, it may be lossy."""

    x: float
    y: float
    on: bool


InkPoint = tuple[float, float]
"""x, y in 0..1 of the picture, y downwards."""


class Ink(Part, frozen=True):
    """A stroke of the operator's pen on the paper, or its next part; apart from the View, in order."""

    stroke: str
    points: tuple[InkPoint, ...]


class InkCleared(Part, frozen=True):
    """Every stroke goes."""
