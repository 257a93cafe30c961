"""Where a workspace lies and who is in it, in words."""

from typing import TYPE_CHECKING, Final

from app.sharing.presence import Attendant
from app.sharing.verdict import Mode
from views.shared.format import age_words, moment_words
from views.shared.text import tr

if TYPE_CHECKING:
    from app.workspace import Workspace

MODE_WORDS: Final[dict[Mode, tuple[str, str, str]]] = {
    Mode.LOCAL: ("On this computer", "good", "laptop"),
    Mode.SHARED: ("Shared by several computers", "good", "network"),
    Mode.ONE_COMPUTER: ("One computer at a time", "warning", "monitor"),
    Mode.READ_ONLY: ("Only for reading", "warning", "eye"),
    Mode.REFUSED: ("Not a place to work", "bad", "circle-alert"),
}
CHECK_WORDS: Final[dict[str, str]] = {
    "create": "Making a database",
    "visible": "Seeing each other's saves",
    "exclusive": "Locking while one writes",
    "readers": "Waiting for readers",
    "waiting": "Waiting for a turn",
    "counting": "Both writing at once",
    "crash": "Surviving a crash",
    "whole": "The file afterwards",
}


def place_pill(workspace: "Workspace") -> tuple[str, str, str]:
    """Return words, tone and icon for how the workspace is used at its place."""
    if workspace.mode is None:
        return tr("Database server"), "good", "server"
    words, tone, icon = MODE_WORDS[workspace.mode]
    return tr(words), tone, icon


def place_sentences(workspace: "Workspace") -> tuple[str, str]:
    """Return why, and what to do where that is not enough."""
    if workspace.mode is None:
        return tr("Any number of computers may work with it at the same time."), ""
    verdict = workspace.verdict
    if verdict is None:
        return "", ""
    if verdict.mode is Mode.LOCAL and workspace.mode is Mode.SHARED:
        return (
            tr("Others reach this computer's file over the network, so it is written as they do."),
            "",
        )
    return tr(verdict.why), tr(verdict.remedy) if verdict.remedy else ""


def attendant_name(attendant: Attendant) -> str:
    """Return who somebody is; without a name yet, the computer."""
    return attendant.user or attendant.host


def attendant_words(attendant: Attendant) -> str:
    """Return computer, version and since when: "osprey · version 0.1.0 · since today 09:12"."""
    parts = [
        attendant.host,
        tr("version {version}", version=attendant.version),
        tr("since {when}", when=moment_words(attendant.since)),
    ]
    if attendant.stale:
        parts[-1] = tr("last heard of {age} ago", age=age_words(attendant.seen))
    return " · ".join(parts)
