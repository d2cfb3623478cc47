"""Decides what the disaster switch means: one page, one key, one queue before all others.

While it is on, hours, duties and topics of the municipality do not count. Never decides when it is on: a
person does, and it is taken back in the same way.
"""

from __future__ import annotations

from hub.core.content import Content, Town, page_view, spoken
from protocol import values
from protocol.errors import LocalError
from protocol.ruby import breakable

MARK = "disaster/"
"""Begins the topic of a call from a disaster page; no procedure's id holds a slash."""

PRIORITY = 99
"""Steps of `queue.priority_s`: more than anybody waits elsewhere."""

LEAST_TITLE = "{災害|さいがい}の ときの ご{案内|あんない}"
LEAST_TEXT = "お{困|こま}りの ことを、{職員|しょくいん}に お{話|はな}し ください。"


def topic(page: str) -> str:
    """What a call from this page is about."""
    return f"{MARK}{page}"


def is_urgent(call_topic: str) -> bool:
    """Whether a call came from a disaster page."""
    return call_topic.startswith(MARK)


def topic_title(content: Content, municipality: str, call_topic: str) -> str:
    """What an operator reads: the page on which the resident touched the key; '' for other calls."""
    if not is_urgent(call_topic):
        return ""
    page = content.town(municipality).pages.get(call_topic.removeprefix(MARK))
    return f"災害時の受付({spoken(page.title)})" if page else "災害時の受付"


def shown_page(content: Content, municipality: str, page: str) -> values.Page:
    """The page as terminals show it; where its file is gone meanwhile, a page that says the least."""
    found = content.town(municipality).pages.get(page)
    if found is not None:
        return page_view(found)
    text = values.PageBlock(kind="text", text=breakable(LEAST_TEXT))
    return values.Page(id=page, title=breakable(LEAST_TITLE), sheets=((text,),))


def prepared(town: Town, page: str) -> str:
    """The page, if the municipality has prepared it for this. LocalError names those that it has."""
    pages = town.duties.disaster_pages
    if page in pages:
        return page
    known = f"known: {', '.join(pages)}" if pages else "there is none yet: name one in duties.yaml"
    raise LocalError(
        "page",
        f"--page {page or '(none given)'}: not one of disaster_pages of {town.municipality.id}; {known}",
    )
