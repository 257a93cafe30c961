"""Pictures of what a person sees of sharing: banners, kept changes, backups, the server."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from app.clock import now
from app.commands.contacts import change_contact
from app.commands.tasks import create_task
from app.database_faults import sentence_of
from app.queries.showcase import Showcase
from app.sharing.modes import Opening
from app.sharing.outage import Situation, Standing
from app.sharing.server_look import ServerSight
from app.sharing.verdict import Mode, Verdict
from views.sharing.backups_section import BackupsSection
from views.sharing.banner import SharingBanner
from views.sharing.handshake_dialogs import JoinDialog
from views.sharing.kept_dialog import KeptDialog
from views.sharing.login import LoginDialog
from views.sharing.presence_row import PresenceRow
from views.sharing.situation import SituationSignal
from views.sharing.wizard import ADDRESS, COPY, ShareWizard
from views.stage import Stage

_UNCHECKED: Final = (
    "This computer has not yet been checked together with osprey. Check the two computers together "
    "(Settings, Sharing): it takes half a minute. Until then you can look."
)
_openings: list[Opening] = []  # how the workspace was opened, before a picture of another way
Show = Callable[[Stage, Showcase], None]
_SAID: Final = {
    Standing.AWAY: "unable to open database file",
    Standing.UNWRITABLE: "database or disk is full",
    Standing.STOPPED: "database disk image is malformed",
}


def _banner(standing: Standing, kept: int = 0) -> Show:
    def show(stage: Stage, _chosen: Showcase) -> None:
        stage.go("contacts")
        banner = stage.window.findChild(SharingBanner)
        if banner is None:
            return
        fault = sentence_of(Exception(_SAID.get(standing, "")), stage.workspace.database.url)
        reads_copy = standing in {Standing.AWAY, Standing.STOPPED}
        banner.signal.situation = Situation(
            standing,
            fault,
            now(),
            Path("copy") if reads_copy else None,
            now() - timedelta(minutes=25) if reads_copy else None,
            kept,
            time.monotonic() + 12.4,
        )
        banner.look()
        stage.settle()

    return show


def _unchecked(stage: Stage, _chosen: Showcase) -> None:
    """Show a workspace on a share that this computer may not write to yet."""
    stage.go("contacts")
    workspace = stage.workspace
    place = Verdict(Mode.SHARED, "nfs4", "A network drive whose locks hold.", needs_handshake=True)
    _openings.append(workspace.opening)
    workspace.opening = Opening(Mode.SHARED, place).reading_only(_UNCHECKED)
    banner = stage.window.findChild(SharingBanner)
    if banner is not None:
        banner.look()
    stage.settle()


def _join(stage: Stage, chosen: Showcase) -> None:
    _unchecked(stage, chosen)
    dialog = JoinDialog(stage.context, stage.window)
    dialog.code.setText("K7M 2XR")
    dialog.open()
    stage.settle()


def leave_banner(stage: Stage) -> None:
    """Take away what a picture of the banner has put there."""
    if _openings:
        stage.workspace.opening = _openings[0]
        _openings.clear()
    banner = stage.window.findChild(SharingBanner)
    if banner is not None:
        banner.signal.situation = None
        banner.look()


def _kept(stage: Stage, chosen: Showcase) -> None:
    stage.go("contacts")
    workspace = stage.workspace
    outage = workspace.start_rescue().outage
    for label, command, fields in _changes(chosen):
        outage.outbox.keep(label, command, fields, user_id=workspace.user_id, after_step=0)
    dialog = KeptDialog(stage.context, SituationSignal(workspace, stage.window), stage.window)
    dialog.open()
    stage.settle(lambda: bool(dialog.rows))
    outage.forget(*[kept.id for kept in outage.outbox.waiting()])
    stage.settle()


def _changes(chosen: Showcase) -> list[tuple[str, Callable[..., Any], dict[str, Any]]]:
    person = chosen.contact_id
    return [
        ("Change contact", change_contact, {"contact_id": person, "city": "Köln"}),
        ("Change contact", change_contact, {"contact_id": person, "job_title": "Head of sales"}),
        ("Create task", create_task, {"title": "Send the offer anew", "contact_id": person}),
    ]


def _restore(stage: Stage, _chosen: Showcase) -> None:
    stage.go("settings", section="backups")
    section = stage.page.findChild(BackupsSection)
    if section is None:
        return
    if not section.found:
        section.back_up_now()
        stage.settle(lambda: bool(section.found))
    if section.found:
        section.restore(section.found[-1])
        stage.settle()


def _wizard(step: int) -> Show:
    def show(stage: Stage, _chosen: Showcase) -> None:
        stage.go("settings", section="sharing")
        wizard = ShareWizard(stage.context, stage.window)
        wizard.go(step)
        if step == ADDRESS:
            wizard.address.server.setText("db.granite.example")
            wizard.address.database.setText("closeknit")
            wizard.address.user.setText("elena.novak")
            wizard.address.password.setText("a long password")
            sight = ServerSight("17.2", "elena.novak", "closeknit", True, False)
            wizard.address.show_sight(sight)
        wizard.open()
        stage.settle()

    return show


def _login(stage: Stage, _chosen: Showcase) -> None:
    stage.go("today")
    LoginDialog(_Address(), stage.window, wrong=True).open()
    stage.settle()


class _Address:
    """What the dialog reads of an address."""

    database, host, username = "closeknit", "db.granite.example", "elena.novak"


def _presence(stage: Stage, _chosen: Showcase) -> None:
    from app.sharing.presence import Attendant  # noqa: PLC0415 - for this picture

    stage.go("pipeline")
    row = stage.window.findChild(PresenceRow)
    if row is None:
        return
    names = ("Jonas Weber", "Amina Diallo", "Priya Nair", "Tom Berg", "Ann Weber")
    row.show_people(
        [
            Attendant(
                str(n), n * 7, name, "osprey", "m", "0.1.0", now(), now(), False, False, False
            )
            for n, name in enumerate(names[:3] if stage.window.width() > 1100 else names, 1)
        ]
    )
    stage.settle()


SHARING_SCENES: Final[tuple[tuple[str, Show], ...]] = (
    ("banner-away", _banner(Standing.AWAY, 3)),
    ("banner-unwritable", _banner(Standing.UNWRITABLE, 1)),
    ("banner-stopped", _banner(Standing.STOPPED)),
    ("banner-kept", _banner(Standing.OPEN, 2)),
    ("banner-unchecked", _unchecked),
    ("connect-computer", _join),
    ("kept-changes", _kept),
    ("restore-preview", _restore),
    ("share-explain", _wizard(0)),
    ("share-address", _wizard(ADDRESS)),
    ("share-copy", _wizard(COPY)),
    ("log-in", _login),
    ("presence", _presence),
)
