"""What the screen says when nobody tells it: before the agent is there and after it has gone. Pure.

Decides: how long the last View stays (3 s), when the screen draws its own notice, when waiting becomes
trouble.
Never: talks, draws, or invents a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.core.view import Footer, Notice, Screen, Theme, View

KEEP_SECONDS: Final = 3.0
TROUBLE_SECONDS: Final = 60.0
OWN_REVISION: Final = -1  # a View that no agent has sent


@dataclass(slots=True)
class Fallback:
    """`heard` and `lost` are told; `view` answers what to show now, None = what the agent said last.

    Only a View counts as a sign of the agent: one that takes the connection and says nothing is still lost.
    """

    telephone: str = ""
    since: float = 0.0  # when the agent was lost, or the screen was started
    up: bool = False  # a View has come since the last loss
    seen: View | None = None  # the newest of the agent's

    def heard(self, view: View) -> None:
        """The agent sent a View."""
        self.seen = view
        self.up = True

    def lost(self, now: float) -> None:
        """The connection has gone, or could not be made (the first time counts)."""
        if self.up:
            self.up = False
            self.since = now

    def stale(self, now: float) -> bool:
        """Whether what the agent showed must go, its pictures too."""
        return not self.up and now - self.since >= (KEEP_SECONDS if self.seen else 0.0)

    def deadline(self) -> float | None:
        """When `view` may answer differently."""
        if self.up:
            return None
        return self.since + (KEEP_SECONDS if self.seen else 0.0)

    def view(self, now: float) -> View | None:
        """The screen's own View, or None while the agent's stands."""
        if not self.stale(now):
            return None
        title = self.seen.title if self.seen else ""
        theme = self.seen.theme if self.seen else Theme()
        waited = now - self.since >= TROUBLE_SECONDS
        return View(
            revision=OWN_REVISION,
            screen=Screen.TROUBLE if waited else Screen.STARTING,
            title=title,
            clock="",
            notice=_trouble(self.telephone) if waited else _starting(again=self.seen is not None),
            footer=Footer(),
            theme=theme,
        )


def _starting(*, again: bool) -> Notice:
    if again:
        lines = (
            "{画面|がめん}を\u200bつなぎ{直|なお}しています。",
            "そのまま\u200bしばらく\u200bお{待|ま}ちください。",
        )
        return Notice(title="{少々|しょうしょう}\u200bお{待|ま}ちください", lines=lines, icon="clock")
    return Notice(
        title="{準備|じゅんび}しています",
        lines=("しばらく\u200bお{待|ま}ちください。", "Getting ready. Please wait."),
        icon="clock",
    )


def _trouble(telephone: str) -> Notice:
    lines = (
        "いま、この{窓口|まどぐち}は\u200bお{使|つか}いに\u200bなれません。",
        "お{電話|でんわ}か\u200b{役所|やくしょ}の{窓口|まどぐち}を\u200bご{利用|りよう}ください。",
    )
    return Notice(
        title="{申|もう}し{訳|わけ}\u200bございません",
        lines=lines,
        telephone_label="お{電話|でんわ}" if telephone else "",
        telephone=telephone,
        code="U-01 no agent",
        icon="wrench",
    )
