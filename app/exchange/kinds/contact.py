"""People."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from app.commands.contacts import sort_name_of
from app.exchange.choices import LEAD_STATUSES, LIFECYCLES, word_in
from app.exchange.shaping import address_of, copy, link
from models.values import PointKind, fold, name_key

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

_CONTACT_POINTS: Final = (
    (PointKind.EMAIL, "email", None),
    (PointKind.EMAIL, "email2", "other"),
    (PointKind.PHONE, "phone", None),
    (PointKind.PHONE, "mobile", "mobile"),
    (PointKind.PHONE, "phone2", "other"),
    (PointKind.WEBSITE, "website", None),
    (PointKind.SOCIAL, "linkedin", "LinkedIn"),
    (PointKind.SOCIAL, "twitter", "Twitter"),
    (PointKind.SOCIAL, "facebook", "Facebook"),
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its person."""
    given = " ".join(values[k] for k in ("given_name", "middle_name") if k in values)
    family = values.get("family_name")
    _name_contact(shaped, values, given or None, family)
    copy(shaped, "job_title", "city", "country", "language", "birthday", "description",
          "email_consent", "phone_consent", "ads_consent")  # fmt: skip
    _contact_choices(shaped, values)
    if "created_on" in values:
        shaped.defaults["created_at"] = values["created_on"]
    for kind, key, label in _CONTACT_POINTS:
        if key in values:
            shaper.point(shaped, kind, key, label)
    shaped.keys.append(("name", shaped.columns["name_key"]))
    link(shaped, "company", "company")
    link(shaped, "owner", "user")
    link(shaped, "lead_source", "lead_source")
    shaped.address = address_of(values)


def _contact_choices(shaped: "Shaped", values: Mapping[str, Any]) -> None:
    for key, column in (("email_refused", "email_consent"), ("phone_refused", "phone_consent")):
        if values.get(key):
            shaped.columns[column] = False
    for key, words in (("lifecycle", LIFECYCLES), ("lead_status", LEAD_STATUSES)):
        if key in values:
            choice = word_in(words, values[key])
            if choice is not None:
                shaped.columns[key] = choice
            else:
                shaped.draft.complain(
                    key, values[key], "This word is not known here; the field was left as it is."
                )


def _name_contact(
    shaped: "Shaped", values: Mapping[str, Any], given: str | None, family: str | None
) -> None:
    name = values.get("name") or " ".join(part for part in (given, family) if part)
    stands_for = not name
    if stands_for:
        name = _stand_in(values)
    name = name[:300]
    shaped.columns.update(
        name=name,
        name_key=name_key(name)[:300] or fold(name)[:300],
        sort_name=sort_name_of(name, given, family),
    )
    if given:
        shaped.columns["given_name"] = given[:150]
    if family:
        shaped.columns["family_name"] = family[:150]
    shaped.extra["nameless"] = stands_for


def _stand_in(values: Mapping[str, Any]) -> str:
    """Return what a person without a name is called."""
    for key in ("nickname", "email", "phone", "mobile", "company"):
        if values.get(key):
            return str(values[key])
    texts = [text for _, text, _ in values.get("points", ())]
    made = [text for key, value in values.items() if key.startswith(("email:", "phone:"))
            for text in ([value] if isinstance(value, str) else value)]  # fmt: skip
    return next(iter([*texts, *made]), None) or str(values.get("external_id") or "?")
