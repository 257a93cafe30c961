"""Which thread a mail belongs to, and whether two mails of one Message-ID are the same."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.exchange.mail.message import Mail
from models.values import fold

# "Re: [list] AW: …": what programs and lists put before a subject.
_PREFIX: Final = re.compile(
    r"(?:\s*(?:\[[^\]]{1,60}\]|[a-z]{1,4}(?:\[\d+\])?\s*:))+\s*", re.IGNORECASE
)
_SAME_MOMENT: Final = 1.0  # seconds


def thread_of(mail: Mail, known: Mapping[str, str]) -> str | None:
    """Return the id a mail's thread began with; `known` has the threads of mails that are there."""
    named = [*mail.references, mail.in_reply_to]
    for message_id in named:
        if message_id and message_id in known:
            return known[message_id]
    return next((each for each in (*named, mail.message_id) if each), None)


def bare_subject(subject: str) -> str:
    """Return a subject as it is compared: without "Re:" and the names of lists."""
    return fold(_PREFIX.sub("", subject, count=1).strip())


def is_same(mail: Mail, *, sender: str, subject: str | None, at: datetime | None) -> bool:
    """Say whether a mail is the stored one that has its Message-ID.

    A list changes the subject, a gateway the sender, a resent copy neither; a program that gives
    every mail one id changes two of the three.
    """
    differs = [
        mail.sender != sender,
        bare_subject(mail.subject) != bare_subject(subject or ""),
        mail.at is not None
        and at is not None
        and abs((mail.at - at).total_seconds()) > _SAME_MOMENT,
    ]
    return sum(differs) < 2  # noqa: PLR2004  two of the three
