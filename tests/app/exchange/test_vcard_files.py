"""Every real vCard comes in whole: cards, mails, phones; twice is once; undone is empty."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import AttachmentLink, ContactPoint
from models.values import PointKind
from tests.app.exchange.conftest import MAVEN, counts, take
from tests.conftest import read, snapshot

REAL = MAVEN.parent
# File → cards, e-mail addresses, phone numbers, files attached, as INDEX.md counts properties.
# Where a number differs, the reason stands beside it.
CARDS = {
    "crm-monica/vcard_stub.vcf": (3, 2, 1, 0),
    # One EMAIL is no address (it stands in the description); three TEL of a card are one number.
    "vcard/John_Doe_ANDROID.vcf": (6, 4, 7, 1),
    "vcard/John_Doe_BLACK_BERRY.vcf": (1, 0, 1, 1),
    "vcard/John_Doe_EVOLUTION.vcf": (1, 1, 2, 0),
    "vcard/John_Doe_IPHONE.vcf": (1, 1, 7, 1),
    "vcard/John_Doe_MS_OUTLOOK.vcf": (1, 1, 2, 1),
    "vcard/davx5_allfields-vcard3.vcf": (1, 2, 2, 1),
    "vcard/davx5_strange-rev.vcf": (1, 0, 1, 0),  # fax and voice are one number
    "vcard/davx5_unknown-properties-with-labels.vcf": (1, 0, 0, 0),
    "vcard/fullcontact.vcf": (1, 5, 9, 0),  # its photos are addresses, which are never fetched
    "vcard/gmail-list.vcf": (3, 3, 0, 0),
    "vcard/kde_full.vcf": (1, 2, 3, 0),  # its PHOTO is empty
    "vcard/kde_vcard1.vcf": (1, 2, 2, 0),
    "vcard/kde_vcard12.vcf": (1, 1, 0, 2),
    "vcard/kde_vcard13.vcf": (1, 2, 0, 0),
    "vcard/kde_vcard14.vcf": (1, 2, 0, 0),
    "vcard/kde_vcard2.vcf": (1, 1, 2, 0),
    "vcard/kde_vcard3.vcf": (1, 1, 0, 0),
    "vcard/kde_vcard5.vcf": (1, 2, 3, 2),  # logo and photo are one picture; and a sound
    "vcard/kde_vcard9.vcf": (1, 0, 0, 0),
    "vcard/nextcloud_without-uid.vcf": (1, 1, 0, 0),
    # X-MS-TEL is the number of the mobile; the certificate is kept as a file.
    "vcard/outlook-2007.vcf": (1, 1, 4, 2),
    "vcard/rfc2426-example.vcf": (2, 3, 4, 0),
    "vcard/rfc6350-example.vcf": (1, 1, 2, 0),
    "vcard/roundcube_apple.vcf": (1, 0, 0, 1),
    "vcard/roundcube_johndoe.vcf": (1, 2, 2, 0),
    "vcard/roundcube_photo.vcf": (1, 0, 0, 1),
    "vcard/roundcube_thebat.vcf": (1, 1, 0, 0),
    "vcard/sabre_issue153.vcf": (1, 0, 0, 1),
}


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not in {REAL}")
    return path


def points(session: Session, kind: PointKind) -> int:
    statement = select(func.count(ContactPoint.id)).where(ContactPoint.kind == kind)
    return session.scalar(statement) or 0


def files(session: Session) -> int:
    return session.scalar(select(func.count(AttachmentLink.id))) or 0


def stored(workspace: Workspace) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return everything but the imports themselves, which stay in their list."""
    return {
        kind: rows for kind, rows in snapshot(workspace).items() if not kind.startswith("import_")
    }


@pytest.mark.parametrize("name", CARDS)
def test_a_real_card_file_comes_in_whole(workspace: Workspace, name: str) -> None:
    path = real(name)
    empty = stored(workspace)
    cards, emails, phones, attached = CARDS[name]
    plan = plan_file(path)
    assert (plan.kind, plan.system, plan.rows) == ("contact", "vcard", cards)
    (result,) = take(workspace, path)
    assert counts(result) == {"created": cards}
    assert read(workspace, points, kind=PointKind.EMAIL) == emails
    assert read(workspace, points, kind=PointKind.PHONE) == phones
    assert read(workspace, files) == attached
    (again,) = take(workspace, path)
    assert counts(again) == {"unchanged": cards}
    batches = [found.batch_id for found in (again, result) if found.batch_id is not None]
    undo_batches(workspace, batches)
    assert stored(workspace) == empty
