"""Fetches what has come to a folder, in lots by size; goes on where a broken connection ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from app.errors import CloseknitError
from app.exchange.imap import faults
from app.exchange.imap.access import Access
from app.exchange.imap.client import Mailbox, Outline, Stop

SPAN: Final = 1_000  # UIDs asked about at once, more where they lie far apart
MAX_SPAN: Final = 64_000  # their list stays below the million characters of imaplib's line
OUTLINES: Final = 250
LOT_BYTES: Final = 2_000_000
LOT_MESSAGES: Final = 50
PIECE: Final = 512_000  # bytes; larger mails come in pieces, so that none has to come again
MAX_MESSAGE: Final = 64_000_000  # bytes; of larger ones only the header is taken
PAUSES: Final = (1.0, 5.0, 20.0)  # seconds before another try; as many without progress end it


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came, or why it did not; `note` says what of it was left on the server."""

    uid: int
    raw: bytes = b""
    at: datetime | None = None
    problem: str = ""
    note: str = ""


@dataclass(slots=True)
class Arrivals:
    """The messages of a folder beyond `reached`, up to `last`, each once and in order of UID.

    `fault` holds what ended it early; what came before counts. `stopped` ends it from any thread.
    """

    access: Access
    folder: str
    validity: int
    reached: int
    last: int
    since: date | None = None
    pauses: Sequence[float] = PAUSES
    stopped: Stop = field(default_factory=Stop)
    fault: CloseknitError | None = None
    _failures: int = 0
    _whole: bool = True  # fetch several at once; not right after a connection has broken
    _begun: int = 0  # the UID of the message whose pieces are here
    _pieces: bytearray = field(default_factory=bytearray)

    def messages(self) -> Iterator[Message]:
        """Yield the messages, over as many connections as it takes."""
        while self.reached < self.last and not self.stopped.is_set():
            try:
                with self.stopped.line(self.access) as box:
                    if box.examine(self.folder).validity != self.validity:
                        return  # its messages have other UIDs now; the next poll begins anew
                    yield from self._beyond(box)
            except CloseknitError as error:
                if not (_may_pass(error) and self._may_try_again()):
                    self.fault = error
                    return

    def _may_try_again(self) -> bool:
        """Wait a little; False when that has not helped often enough, or nobody wants it."""
        if self._failures >= len(self.pauses):
            return False
        pause = self.pauses[self._failures]
        self._failures += 1
        self._whole = False
        return not self.stopped.wait(pause)

    def _beyond(self, box: Mailbox) -> Iterator[Message]:
        span = SPAN
        while self.reached < self.last and not self.stopped.is_set():
            end = min(self.reached + span, self.last)
            uids = box.uids(self.reached + 1, end, self.since)
            for start in range(0, len(uids), OUTLINES):
                yield from self._lots(box, uids[start : start + OUTLINES])
                if self.stopped.is_set():
                    return
            self.reached = end
            span = SPAN if uids else min(span * 4, MAX_SPAN)

    def _lots(self, box: Mailbox, uids: Sequence[int]) -> Iterator[Message]:
        outlines = box.outlines(uids)
        for lot in _by_size([uid for uid in uids if uid in outlines], outlines, self._whole):
            if self.stopped.is_set():
                return
            for message in self._fetched(box, lot, outlines):
                self.reached = message.uid
                self._failures, self._whole = 0, True
                yield message

    def _fetched(
        self, box: Mailbox, uids: Sequence[int], outlines: dict[int, Outline]
    ) -> Iterator[Message]:
        if len(uids) == 1:
            message = self._single(box, uids[0], outlines[uids[0]])
            if message is not None:  # it may have been deleted just now
                yield message
            return
        try:
            bodies = box.bodies(uids)
        except faults.RefusedFault:  # one of them; which, is seen one by one
            for uid in uids:
                yield from self._fetched(box, [uid], outlines)
            return
        for uid in uids:
            if uid in bodies:
                yield Message(uid, bodies[uid], outlines[uid].at)

    def _single(self, box: Mailbox, uid: int, outline: Outline) -> Message | None:
        try:
            if outline.size > MAX_MESSAGE:
                return _header_alone(box, uid, outline)
            raw = self._in_pieces(box, uid)
        except faults.RefusedFault as fault:
            return Message(
                uid,
                at=outline.at,
                problem=f"The server does not hand this message out: {fault}. Open it in a mail "
                "program to see what is wrong with it.",
            )
        return None if raw is None else Message(uid, raw, outline.at)

    def _in_pieces(self, box: Mailbox, uid: int) -> bytes | None:
        """Fetch a message piece by piece, from where an earlier connection broke.

        The end is where a piece is short, not where the size says: servers count that in their way.
        """
        if self._begun != uid:
            self._begun, self._pieces = uid, bytearray()
        while True:
            piece = box.piece(uid, len(self._pieces), PIECE)
            if piece is None:
                return None
            self._pieces += piece
            self._failures = 0  # this far it has come
            if len(piece) < PIECE or len(self._pieces) > MAX_MESSAGE:
                break
        raw, self._begun, self._pieces = bytes(self._pieces), 0, bytearray()
        return raw


def _may_pass(error: CloseknitError) -> bool:
    """Say whether an error may be gone after a while: a broken line, no network for a moment."""
    return isinstance(error, faults.ConnectionLostFault) or error.field == "host"


def _header_alone(box: Mailbox, uid: int, outline: Outline) -> Message | None:
    header = box.header(uid)
    if header is None:
        return None
    return Message(
        uid,
        header,
        outline.at,
        note=f"The message has {outline.size // 1_000_000} MB; its text and attachments were left "
        "on the server.",
    )


def _by_size(uids: Sequence[int], outlines: dict[int, Outline], whole: bool) -> Iterator[list[int]]:
    """Yield UIDs in lots that fit into memory; a large message stands alone, as all do if asked."""
    most = LOT_MESSAGES if whole else 1
    lot: list[int] = []
    weight = 0
    for uid in uids:
        size = outlines[uid].size
        if lot and (size > PIECE or weight + size > LOT_BYTES or len(lot) >= most):
            yield lot
            lot, weight = [], 0
        lot.append(uid)
        weight += size
    if lot:
        yield lot
