"""Decides what the resident sees: a pure function from the terminal's facts and the time to one View.

Which screen comes first, in this order: a live call (whatever the link does, media goes on without it), the
thank-you, then why nothing can be started, then the invitation.
"""

from __future__ import annotations

import math

from kiosk.core import bell_screen, photo_screen, rung_screen, watching
from kiosk.core.call import Phase
from kiosk.core.clock import Now, clock_text, duration_text
from kiosk.core.terminal import Terminal
from kiosk.core.texts import CATALOGUES, text
from kiosk.core.view import (
    Band,
    Choice,
    Dialog,
    Ended,
    Footer,
    Idle,
    Layout,
    Notice,
    PageBlock,
    PageSheet,
    Person,
    Picture,
    Screen,
    Talking,
    TextSize,
    Theme,
    TouchKind,
    View,
    Waiting,
)
from protocol.values import (
    WHOLE,
    CallState,
    CameraRole,
    Conduct,
    Focus,
    HoldReason,
    Page,
    Rung,
    Site,
    TerminalCall,
    Topic,
)

HOLD_REASONS = frozenset(HoldReason)

OFFLINE_AFTER_S = 2.0
"""A link that comes back at once is nobody's business."""


class Fallback:
    """What the settings know before the hub has ever spoken: name and telephone of the place."""

    def __init__(self, municipality_name: str, telephone: str) -> None:
        self.municipality_name = municipality_name
        self.telephone = telephone


def view(terminal: Terminal, now: Now, revision: int, fallback: Fallback) -> View:
    """The View of this moment."""
    return _Builder(terminal, now, fallback).build(revision)


def deadline(terminal: Terminal, now: Now) -> float | None:
    """When the View changes by time alone (monotonic s): clocks, counters, the offline screen."""
    moving = terminal.calls.live or terminal.asking_leave is not None or terminal.capture is not None
    if moving:
        return math.floor(now.mono) + 1.0
    to_minute = 60.0 - (now.wall.second + now.wall.microsecond / 1e6)
    due = now.mono + to_minute
    if not terminal.linked and now.mono < terminal.link_since + OFFLINE_AFTER_S:
        due = min(due, terminal.link_since + OFFLINE_AFTER_S)
    return due


class _Builder:
    """Holds the facts while one View is put together."""

    def __init__(self, terminal: Terminal, now: Now, fallback: Fallback) -> None:
        self.terminal = terminal
        self.now = now
        self.fallback = fallback
        self.language = terminal.preferences.language
        self.site = terminal.site
        self.call = terminal.call

    def text(self, key: str, **values: str | int) -> str:
        return text(self.language, key, **values)

    def build(self, revision: int) -> View:
        screen = self.screen()
        terminal, site = self.terminal, self.site
        name = site.municipality_name if site else self.fallback.municipality_name
        return View(
            revision=revision,
            screen=screen,
            title=f"{name}\u200b {self.text('service')}",
            clock=clock_text(self.now.wall),
            idle=self.idle(site) if screen is Screen.IDLE and site else None,
            waiting=self.waiting() if screen is Screen.WAITING else None,
            talking=self.talking() if screen is Screen.TALKING else None,
            photo=photo_screen.photo(terminal, self.now, self.person()) if screen is Screen.PHOTO else None,
            ended=self.ended() if screen is Screen.ENDED else None,
            notice=self.notice(screen),
            dialog=self.dialog(),
            band=self.conduct() or bell_screen.band(terminal),
            footer=self.footer(screen),
            theme=Theme(brand=site.brand, brand_dark=site.brand_dark) if site else Theme(),
            language=self.language,
            text_size=terminal.preferences.text_size,
            simulated=self.text("simulated") if any(d.simulated for d in terminal.devices) else "",
        )

    def screen(self) -> Screen:
        terminal, phase = self.terminal, self.terminal.calls.phase
        offline = not terminal.linked and self.now.mono >= terminal.link_since + OFFLINE_AFTER_S
        if phase in (Phase.TALKING, Phase.HELD):
            return Screen.PHOTO if terminal.capture is not None and terminal.capture.stage else Screen.TALKING
        if phase in (Phase.WAITING, Phase.REQUESTED):
            return Screen.WAITING
        if phase is Phase.ENDED:
            unheard = self.call is None and not terminal.linked
            return Screen.OFFLINE if unheard else Screen.ENDED
        if self.site is not None and self.site.disaster is not None and terminal.ever_linked:
            return Screen.IDLE  # the page stays, whatever else is wrong
        if offline:
            return Screen.OFFLINE
        if self.site is None or not terminal.ever_linked:
            return Screen.STARTING
        if not self.site.open:
            return Screen.CLOSED
        if self.trouble() is not None:
            return Screen.TROUBLE
        return Screen.BUSY if terminal.busy or not self.site.operators_on_duty else Screen.IDLE

    def trouble(self) -> str | None:
        """The technician's code when the terminal cannot serve anybody: without sound nobody can speak."""
        audio = self.terminal.device("audio")
        if audio is not None and audio.state == "lost":
            return f"{audio.code}: audio"
        return None

    # ------------------------------------------------------------------ bodies

    def disaster(self, page: Page, site: Site) -> Idle:
        """One page and one key; the telephone where nobody could be reached by it."""
        reached = self.terminal.linked and site.operators_on_duty and self.trouble() is None
        return Idle(
            title=page.title,
            page=PageSheet(id=page.id, title=page.title, blocks=_blocks(page, 0)),
            start=Choice(kind=TouchKind.START, label=self.text("start")) if reached else None,
            lines=() if reached else (self.text("disaster_telephone"),),
            telephone_label="" if reached else self.text("telephone"),
            telephone="" if reached else site.telephone,
        )

    def idle(self, site: Site) -> Idle:
        if site.disaster is not None:
            return self.disaster(site.disaster, site)
        topics = site.topics[:6]
        hours = self.hours(site)
        later = tuple(self.text("later", topic=sentence) for sentence in site.later)
        if site.tiles and topics:
            tiles = [Choice(kind=TouchKind.START, label=t.title, value=t.id, sub=self.sub(t)) for t in topics]
            unknown = Choice(
                kind=TouchKind.START, label=self.text("unknown_topic"), sub=self.text("unknown_topic_sub")
            )
            return Idle(
                title=self.text("idle_title_tiles"),
                lines=(self.text("idle_line"),),
                tiles=(*tiles, unknown),
                hours=hours,
                later=later,
            )
        return Idle(
            title=self.text("idle_title"),
            lines=(self.text("idle_line"),),
            start=Choice(kind=TouchKind.START, label=self.text("start"), sub=self.text("start_sub")),
            topics_title=self.text("topics_title"),
            topics=tuple(topic.title for topic in topics),
            hours=hours,
            later=later,
        )

    def hours(self, site: Site) -> str:
        """When the place is open; at an event also where it is."""
        if site.event:
            return self.text("hours_event", place=site.site_name, hours=site.hours)
        return self.text("hours", hours=site.hours)

    def sub(self, topic: Topic) -> str:
        """The second line of a tile; a procedure on trial says so."""
        return self.text("pilot") if topic.pilot else topic.sub

    def waiting(self) -> Waiting:
        terminal, call = self.terminal, self.call
        since = call.queued_at if call else terminal.requested_at.wall
        ringing = call is not None and call.state is CallState.RINGING
        topic = call.topic if call else terminal.topic
        ready = next((t.ready for t in self.site.topics if t.id == topic), ()) if self.site else ()
        expected = self.expected(call)
        note = "waiting_note" if terminal.linked else "waiting_offline"
        return Waiting(
            title=self.text("waiting_title_ringing" if ringing else "waiting_title"),
            status=self.status(call),
            waited_label=self.text("waited"),
            waited=duration_text((self.now.wall - since).total_seconds()),
            expected_label=self.text("expected") if expected else "",
            expected=expected,
            ready_title=self.text("ready_title") if ready else "",
            ready=ready,
            note=self.text(note),
        )

    def status(self, call: TerminalCall | None) -> str:
        if call is None or call.position == 0:
            return self.text("waiting_first")
        return self.text("waiting_ahead", count=call.position)

    def expected(self, call: TerminalCall | None) -> str:
        if call is None or call.wait is None or call.state is CallState.RINGING:
            return ""
        low, high = call.wait.low_s // 60, max(1, math.ceil(call.wait.high_s / 60))
        if low == 0:
            return self.text("expected_soon", high=high)
        return self.text("expected_range", low=low, high=high)

    def person(self) -> Person:
        operator = self.call.operator if self.call else None
        if operator is None:
            return Person(name="", role="", municipality="")
        return Person(name=operator.name, role=operator.role, municipality=operator.municipality)

    def talking(self) -> Talking:
        terminal = self.terminal
        presentation = terminal.presentation
        page = presentation.page
        layout = {Focus.OPERATOR: Layout.OPERATOR, Focus.PAPER: Layout.PAPER, Focus.PAGE: Layout.PAGE}[
            presentation.focus
        ]
        if layout is Layout.PAGE and page is None:
            layout = Layout.OPERATOR
        held = terminal.calls.phase is Phase.HELD
        return Talking(
            person=self.person(),
            layout=layout,
            paper_title=self.text("paper_title"),
            paper_note=self.paper_note(),
            self_label=self.text("self_label"),
            page=self.page() if page is not None else None,
            caption=presentation.caption,
            notice=self.media_notice() if terminal.ladder.rung is not Rung.TEXT else "",
            calm=rung_screen.calm(terminal),
            words=rung_screen.words(terminal) if layout is not Layout.PAGE and not held else None,
            held=self.held() if held else "",
        )

    def held(self) -> str:
        """Please wait, and why: by a word of ours, or as the operator wrote it."""
        wait, reason = self.text("held"), self.call.held_reason if self.call else HoldReason.MOMENT
        if reason in ("", HoldReason.MOMENT):
            return wait
        why = self.text(f"held_{reason}") if reason in HOLD_REASONS else reason
        return f"{wait}。\u200b{why}"

    def conduct(self) -> Band | None:
        """From the operator's warning on, in calm words, as long as the call lasts."""
        if not self.terminal.calls.live or self.terminal.presentation.conduct is Conduct.FINE:
            return None
        return Band(text=self.text("conduct_warned"), urgent=True, icon="speech")

    def paper_note(self) -> str:
        """Why the paper does not look as it lies there."""
        shown = self.terminal.presentation
        if CameraRole.DOCUMENT in shown.frozen:
            return self.text("paper_frozen")
        return "" if shown.cameras.document.region == WHOLE else self.text("paper_part")

    def media_notice(self) -> str:
        state = self.terminal.media
        if state in ("silent", "lost"):
            return self.text("reconnecting")
        if state == "starting":
            return self.text("connecting")
        face = self.terminal.device("face")
        return self.text("no_face_camera") if face is not None and face.state == "lost" else ""

    def page(self) -> PageSheet:
        presentation = self.terminal.presentation
        page = presentation.page
        assert page is not None
        index = min(presentation.sheet, len(page.sheets) - 1)
        number = f"{index + 1} / {len(page.sheets)}" if len(page.sheets) > 1 else ""
        return PageSheet(id=page.id, title=page.title, blocks=_blocks(page, index), number=number)

    def ended(self) -> Ended:
        terminal, call = self.terminal, self.call
        if call is not None and call.state is CallState.CALLBACK:
            line = self.text("ended_callback")
        elif terminal.served:
            line = self.text("ended_line")
        else:
            line = self.text("ended_left")
        wiped = call is None or (terminal.wiped is not None and terminal.wiped.left == 0)
        return Ended(
            title=self.text("ended_title"),
            lines=(line,),
            wiped=self.text("ended_wiped" if wiped else "ended_wiping"),
            done=Choice(kind=TouchKind.DONE, label=self.text("done")),
        )

    def notice(self, screen: Screen) -> Notice | None:
        site = self.site
        telephone = site.telephone if site else self.fallback.telephone
        shared = {
            "telephone_label": self.text("telephone"),
            "telephone": telephone,
            "hours": self.hours(site) if site else "",
        }
        if screen is Screen.CLOSED and site:
            lines = tuple(line for line in (site.closed_text, site.opens_text) if line)
            return Notice(title=self.text("closed_title"), lines=lines, icon="moon", **shared)
        if screen is Screen.BUSY:
            return Notice(
                title=self.text("busy_title"), lines=(self.text("busy_line"),), icon="person", **shared
            )
        if screen is Screen.OFFLINE:
            lines = (self.text("offline_line"), self.text("offline_line_2"))
            return Notice(
                title=self.text("offline_title"),
                lines=lines,
                icon="cloud",
                code=self.terminal.link_fault,
                **shared,
            )
        if screen is Screen.TROUBLE:
            return Notice(
                title=self.text("trouble_title"),
                lines=(self.text("trouble_line"),),
                icon="wrench",
                code=self.trouble() or "",
                **shared,
            )
        if screen is Screen.STARTING:
            return Notice(
                title=self.text("starting_title"), lines=(self.text("starting_line"),), icon="clock"
            )
        return None

    # ------------------------------------------------------------------ over and under

    def dialog(self) -> Dialog | None:
        terminal = self.terminal
        if terminal.asking_leave is not None and terminal.calls.live:
            waiting = terminal.calls.phase in (Phase.REQUESTED, Phase.WAITING)
            return Dialog(
                title=self.text("leave_question_waiting" if waiting else "leave_question"),
                text="" if waiting else self.text("leave_text"),
                choices=(
                    Choice(kind=TouchKind.LEAVE_NO, label=self.text("leave_no"), selected=True),
                    Choice(kind=TouchKind.LEAVE_YES, label=self.text("leave_yes")),
                ),
            )
        if (words := terminal.instead.shown) is not None and terminal.calls.phase is Phase.NONE:
            return Dialog(
                title=words.title,
                text=words.text,
                choices=(Choice(kind=TouchKind.READ, label=self.text("read"), selected=True),),
            )
        asked = bell_screen.dialog(terminal)
        if asked is not None:
            return asked
        if terminal.idle.warned:
            return Dialog(
                title=self.text("still_here"),
                text=self.text("still_here_text"),
                choices=(
                    Choice(kind=TouchKind.STILL_HERE, label=self.text("still_here_yes"), selected=True),
                ),
                seconds=terminal.idle.seconds_left(self.now.mono),
            )
        return None

    def footer(self, screen: Screen) -> Footer:
        terminal = self.terminal
        live = terminal.calls.live
        larger = terminal.preferences.text_size is TextSize.NORMAL
        size = Choice(
            kind=TouchKind.TEXT_SIZE,
            label=self.text("text_size_large" if larger else "text_size_normal"),
            selected=not larger,
        )
        languages = CATALOGUES if len(CATALOGUES) > 1 else {}
        return Footer(
            leave=Choice(kind=TouchKind.LEAVE, label=self.text("leave")) if live else None,
            staff=bell_screen.key(terminal) if screen is not Screen.STARTING else None,
            text_size=size if screen is not Screen.STARTING else None,
            languages=tuple(
                Choice(kind=TouchKind.LANGUAGE, label=name, value=name, selected=name == self.language)
                for name in languages
            ),
            volume=terminal.preferences.volume if live else 0,
            volume_label=self.text("headset" if self.terminal.device("headset") else "volume"),
            live=self.live_cameras() if live else (),
            watching=self.watching() if live else (),
        )

    def live_cameras(self) -> tuple[str, ...]:
        names = (("face", "live_face"), ("document", "live_document"))
        devices = self.terminal
        return tuple(self.text(key) for name, key in names if _is_on(devices.device(name)))

    def watching(self) -> tuple[str, ...]:
        """Everybody who hears or sees the resident now, one sentence each."""
        phase = self.terminal.calls.phase
        if self.terminal.ladder.rung is Rung.TEXT or phase is Phase.HELD:
            return (self.text("watching_paused"),)
        named = watching.sentences(self.call, self.text) if phase is Phase.TALKING else ()
        return named or (self.text("watching_nobody"),)


def _is_on(device: object) -> bool:
    return getattr(device, "state", "closed") in ("live", "stale", "starting")


__all__ = ["Fallback", "Picture", "deadline", "view"]


def _blocks(page: Page, sheet: int) -> tuple[PageBlock, ...]:
    return tuple(
        PageBlock(kind=block.kind, text=block.text, items=block.items, pairs=block.pairs)
        for block in page.sheets[sheet]
    )
