"""Passes negotiation, pointer, pen and replies between the two parties of a call, and to nobody else.

Reads only who speaks, of which call and of which epoch. The newest offer of a live call and its addresses are
kept in memory until an operator accepts; the epoch is written, so that an old one never comes back.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from hub.bus.port import Bus, Parcel, desk_topic, kiosk_topic
from hub.core.call import CallRecord, NotNow
from hub.counter.board import CANDIDATES, Board, Media
from hub.counter.sides import ends
from hub.counter.turn import Turn
from hub.store import calls
from protocol.common import (
    Answer,
    Candidate,
    Ink,
    InkClear,
    Offer,
    Pointer,
    Renew,
    Reply,
    ReplyTaken,
)
from protocol.desk_link import SideAnswer, SideCandidate, SideOffer, SideRenew
from protocol.envelope import Message
from protocol.values import CallState

log = logging.getLogger(__name__)


async def take_offer(turn: Turn, record: CallRecord, epoch: int, offer: Offer) -> None:
    """A new media generation. NotNow('old_epoch') unless it is newer than all before."""
    if epoch <= record.epoch:
        raise NotNow("old_epoch", "古い接続の情報です。")
    saved = await turn.save(replace(record, epoch=epoch))
    await calls.add_event(turn.tx, saved, "Offered", turn.now, {"epoch": epoch})
    before = turn.board.media.get(record.id) or Media()
    media = replace(before, epoch=epoch, offer=offer, candidates=[])
    turn.after_commit.append(lambda: turn.board.media.update({record.id: media}))
    party = turn.board.media_party(saved)
    if party is not None:
        turn.to_desk_last(party, offer, saved.id, epoch)


def hand_over(turn: Turn, record: CallRecord) -> None:
    """Give the operator who has just accepted what the terminal offered while it rang.

    Where another hub hears the terminal, that one does it as soon as it sees the accept.
    """
    if turn.board.kiosks[record.kiosk].line.node is None:
        turn.last += kept_for(turn.board, record)


def kept_for(board: Board, record: CallRecord) -> list[tuple[str, Parcel]]:
    """What the terminal of this call has offered so far, as it goes to the operator who has accepted."""
    assert record.operator is not None
    media = board.media.get(record.id)
    if media is not None:
        media.reply = None  # it was meant for whoever was there before
    if media is not None and media.offer is not None and media.epoch == record.epoch:
        desk = desk_topic(record.operator)
        return [(desk, Parcel(one, record.id, media.epoch)) for one in (media.offer, *media.candidates)]
    if record.epoch > 0:  # offered before the hub was started again
        return [(kiosk_topic(record.kiosk), Parcel(Renew(reason="offer_lost"), record.id))]
    return []


def reply_for(board: Board, record: CallRecord) -> list[tuple[str, Parcel]]:
    """The newest reply, for an operator whose page has come back; she knows it by its id."""
    media = board.media.get(record.id)
    if media is None or media.reply is None or record.operator is None:
        return []
    return [(desk_topic(record.operator), Parcel(media.reply, record.id))]


async def from_kiosk(board: Board, bus: Bus, device: str, call: str | None, epoch: int | None,
                     candidate: Candidate) -> None:  # fmt: skip
    """One more address of the terminal: passed on, or kept while the call rings."""
    record = board.call_of_kiosk(device)
    media = board.media.get(record.id) if record else None
    if record is None or media is None or record.id != call or epoch != media.epoch:
        log.debug("address of no present offer dropped", extra={"device": device})
        return
    party = board.media_party(record)
    if party is not None:
        await bus.publish(desk_topic(party), Parcel(candidate, record.id, epoch))
    elif len(media.candidates) < CANDIDATES:
        media.candidates.append(candidate)


async def from_desk(
    board: Board, bus: Bus, user: str, call: str | None, epoch: int | None, word: Answer | Candidate | Renew
) -> None:
    """The word to the terminal of whoever has its media; of an old epoch, of no call of hers: dropped."""
    record = board.live.get(call or "")
    if record is None or board.media_party(record) != user:
        if record is not None and record.connected and record.operator == user:
            return  # she is handing over: what her old connection complains of is of no use any more
        raise NotNow("gone", "この通話はもう終わっています。")
    if not isinstance(word, Renew) and epoch != record.epoch:
        log.debug("word of an old epoch dropped", extra={"call": record.id, "epoch": epoch})
        return
    message: Message = word
    await bus.publish(kiosk_topic(record.kiosk), Parcel(message, record.id, epoch))


async def from_hand(
    board: Board, bus: Bus, user: str, call: str | None, word: Pointer | Ink | InkClear
) -> None:
    """The operator's pointer and pen to the terminal, while they talk. Nothing of it is kept or written.

    NotNow for ink that reaches nobody; a pointer that does is not worth a word.
    """
    record = board.call_of_operator(user)
    if record is not None and record.id == call and record.state is CallState.TALKING:
        await bus.publish(kiosk_topic(record.kiosk), Parcel(word, record.id))
    elif not isinstance(word, Pointer):
        raise NotNow("gone", "この通話では、いまは書き込めません。")


async def from_resident(board: Board, bus: Bus, device: str, call: str | None, reply: Reply) -> None:
    """The resident's answer to the operator of the call, once; the terminal hears that it is there.

    The newest is kept in memory while this operator has the call, for a desk that is just being reloaded. It
    is never written. NotNow when nobody is there to read it.
    """
    record = board.call_of_kiosk(device)
    if record is None or record.id != call or not record.connected or not record.operator:
        raise NotNow("gone", "この通話には、いまオペレーターがおりません。")
    media = board.media.setdefault(record.id, Media())
    if media.reply is None or media.reply.id != reply.id:
        media.reply = reply
        await bus.publish(desk_topic(record.operator), Parcel(reply, record.id))
    await bus.publish(kiosk_topic(device), Parcel(ReplyTaken(id=reply.id), record.id))


Side = SideOffer | SideAnswer | SideCandidate | SideRenew
"""What the two ends of a connection through an operator's browser say to each other."""


async def between_sides(board: Board, bus: Bus, speaker: str, word: Side) -> None:
    """To the other end while both may talk; nothing of it is kept. NotNow('gone') else.

    `speaker` is the topic of whoever says it.
    """
    both = ends(board, word.transfer)
    said_by: dict[str, tuple[type[Message], ...]] = {}
    if both is not None:
        said_by = {
            both.other: (SideAnswer, SideCandidate, SideRenew),
            both.origin: (SideOffer, SideCandidate),
        }
    if both is None or not isinstance(word, said_by.get(speaker, ())):
        raise NotNow("gone", "この相談はもう終わっています。")
    other = both.other if speaker == both.origin else both.origin
    await bus.publish(other, Parcel(word, both.call if other.startswith("desk:") else None))


def reply_again(turn: Turn, user: str) -> None:
    """A desk that has come back into its call is told the newest reply; it knows it by its id."""
    record = turn.board.call_of_operator(user)
    if record is not None:
        turn.last += reply_for(turn.board, record)
