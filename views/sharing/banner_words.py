"""What the banner says of the workspace's place, and what it offers."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import EnvironmentFault, FaultKind
from app.sharing.outage import Situation, Standing
from app.sharing.verdict import Mode
from views.shared.format import clock_time, local, moment_words, today_here
from views.shared.text import tr, tr_n, translate_error

if TYPE_CHECKING:
    from app.workspace import Workspace


class Offer(StrEnum):
    """What a button of the banner does."""

    TRY = "try"
    KEPT = "kept"
    BACKUPS = "backups"
    REOPEN = "reopen"
    OTHER = "other"
    CONNECT = "connect"
    TAKE_OVER = "take over"


@dataclass(frozen=True, slots=True)
class Said:
    """One state of the banner."""

    tone: str
    text: str
    detail: str = ""
    offers: tuple[Offer, ...] = ()
    closable: bool = False


OFFER_WORDS: Final[dict[Offer, str]] = {
    Offer.TRY: "Try now",
    Offer.KEPT: "Show changes…",
    Offer.BACKUPS: "Open the newest backup…",
    Offer.REOPEN: "Open anew",
    Offer.CONNECT: "Connect this computer…",
    Offer.TAKE_OVER: "Work on this computer…",
    Offer.OTHER: "Open another…",
}


def said_of(workspace: "Workspace", situation: Situation | None) -> Said | None:
    """Return what stands in the banner; None where there is nothing to say."""
    if situation is not None and situation.standing is not Standing.OPEN:
        return _of_outage(situation)
    if workspace.read_only:
        return _of_reading(workspace)
    if situation is not None and situation.kept:
        return Said(
            "info",
            _waiting(situation.kept),
            tr("They could not be saved when they were made. Look through them and save them now."),
            (Offer.KEPT,),
        )
    if workspace.warnings:
        return Said("warning", *_sentences(workspace.warnings[0]), closable=True)
    return None


def _of_outage(situation: Situation) -> Said:
    stopped = situation.standing is Standing.STOPPED
    fault = situation.fault or EnvironmentFault("The workspace cannot be reached.")
    text, remedy = _sentences(fault)
    parts = [remedy, _reading(situation)]
    if situation.kept:
        parts.append(_kept_here(situation.kept))
    if not stopped:
        parts.append(_next_try(situation.next_try))
    return Said(
        "bad" if stopped else "warning",
        text,
        " ".join(part for part in parts if part),
        _offers(situation, fault.kind),
    )


def _offers(situation: Situation, kind: FaultKind) -> tuple[Offer, ...]:
    stopped = situation.standing is Standing.STOPPED
    found = [] if stopped else [Offer.TRY]
    if kind is FaultKind.DAMAGED:
        found.append(Offer.BACKUPS)
    elif stopped or kind is FaultKind.REPLACED:
        found.append(Offer.REOPEN)
    if situation.kept:
        found.append(Offer.KEPT)
    return tuple(found)


def _of_reading(workspace: "Workspace") -> Said:
    text = tr("This workspace is open for reading only.")
    mode = workspace.mode if workspace.verdict is not None else None
    offer = {Mode.SHARED: Offer.CONNECT, Mode.ONE_COMPUTER: Offer.TAKE_OVER}.get(mode or Mode.LOCAL)
    offers = (Offer.OTHER,) if offer is None else (offer, Offer.OTHER)
    return Said("info", text, tr(workspace.why_read_only), offers, closable=True)


def _sentences(fault: EnvironmentFault) -> tuple[str, str]:
    remedy = tr(fault.remedy_template).format(**fault.values) if fault.remedy_template else ""
    return translate_error(fault), remedy


def _reading(situation: Situation) -> str:
    if situation.snapshot_at is not None:
        here = local(situation.snapshot_at)
        today = here.date() == today_here()
        when = clock_time(here) if today else moment_words(here)
        return tr("You read the copy of {when}.", when=when)
    if situation.standing is Standing.AWAY:
        return tr("There is no backup to read meanwhile.")
    return ""


def _waiting(count: int) -> str:
    return tr_n("{n} change waits to be saved.", "{n} changes wait to be saved.", count)


def _kept_here(count: int) -> str:
    return tr_n("{n} change waits on this computer.", "{n} changes wait on this computer.", count)


def _next_try(moment: float | None) -> str:
    if moment is None:
        return ""
    seconds = max(0, round(moment - time.monotonic()))
    if seconds == 0:
        return tr("Trying again now…")
    return tr("Tries again in {n} s.", n=seconds)
