"""What all municipalities share: skills of operators, their centres, and which centre helps out after how
long.

Decides what a call needs of an operator and from when on another centre is asked. Never rings anybody
(`routing`), never reads a file (`hub.content_files`), and never doubts what it is given (`centres_checks`
has looked at it).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from hub.core.routing import AT_ONCE, Need
from protocol.strict_yaml import setting

FILE = "centres.yaml"
LEVELS = (1, 5)

_WORD: dict[str, Any] = {"pattern": "^[a-z0-9][a-z0-9-]*$", "max_length": 40}


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that stands in the file."""


class SkillNeed(Part, frozen=True):
    """In a procedure or at a site: what its calls need of an operator."""

    id: Annotated[str, setting("A skill of centres.yaml", **_WORD, example="care")]
    level: Annotated[
        int, setting("At this level or above; 1 knows it, 5 teaches it", ge=LEVELS[0], le=LEVELS[1])
    ] = 1


class Skill(Part, frozen=True):
    """Something that not every operator can."""

    id: Annotated[str, setting("Word for the skill", **_WORD, example="care")]
    name: Annotated[str, setting("Name at the desk", min_length=1, max_length=20, example="介護")]
    language: Annotated[
        str,
        setting(
            "Calls in this language need it", pattern="^([a-z]{2}(-[A-Za-z]+)?)?$", max_length=8, example="en"
        ),
    ] = ""
    after_s: (
        Annotated[
            float,
            setting("Waiting after which somebody without it is rung; without this key never", unit="s", ge=0,
                    le=3600),
        ]
        | None
    ) = None  # fmt: skip


class Centre(Part, frozen=True):
    """An office where operators sit."""

    id: Annotated[str, setting("Word for the centre", **_WORD, example="minato")]
    name: Annotated[str, setting("Name at the desk", min_length=1, max_length=40, example="みなとセンター")]


class Asked(Part, frozen=True):
    """A centre that is asked for a municipality's calls."""

    centre: Annotated[str, setting("A centre of this file", **_WORD)]
    after_s: Annotated[
        float, setting("Waiting after which it is asked too; 0 for the first", unit="s", ge=0, le=3600)
    ] = 0.0


class Shared(Part, frozen=True):
    """centres.yaml: what operators can, where they sit, and who helps whom."""

    skills: Annotated[tuple[Skill, ...], setting("What not every operator can", max_length=100)] = ()
    centres: Annotated[tuple[Centre, ...], setting("Offices of operators", max_length=50)] = ()
    overflow: Annotated[
        dict[str, tuple[Asked, ...]],
        setting("For each municipality its centres: its own first, then who helps out", max_length=2000),
    ] = {}

    def need(self, wanted: SkillNeed) -> Need:
        """The need as routing knows it; a skill that is no longer written down binds nobody."""
        skill = next((one for one in self.skills if one.id == wanted.id), None)
        if skill is None:
            return Need(wanted.id, wanted.level, AT_ONCE)
        return Need(skill.id, wanted.level, _delay(skill.after_s))

    def needs(self, wanted: Iterable[SkillNeed | None], language: str) -> tuple[Need, ...]:
        """All that a call needs: of its procedure, of its site, of its language."""
        asked = [one for one in wanted if one is not None]
        asked += [SkillNeed(id=one.id) for one in self.skills if one.language and one.language == language]
        return tuple(dict.fromkeys(self.need(one) for one in asked))

    def order(self, municipality: str) -> tuple[tuple[str, timedelta], ...]:
        """After how long which centre is asked; empty where centres play no part."""
        turns = self.overflow.get(municipality, ())
        return tuple((one.centre, timedelta(seconds=one.after_s)) for one in turns)


def _delay(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
