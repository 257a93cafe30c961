"""Who a card is of: the names of a person, of a company, and which of the two it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.exchange.sources.vcard_property import Property
from models.values import company_key, name_key


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a card; `units` are companies, each with its departments behind it."""

    family: str
    given: str
    middle: str
    prefix: str
    suffix: str
    shown: tuple[str, ...]
    units: tuple[tuple[str, ...], ...]

    @property
    def company(self) -> str:
        """The first company."""
        return self.units[0][0] if self.units else ""

    @property
    def is_person(self) -> bool:
        """Whether there is a name that only a person has."""
        return bool(self.family or self.given)

    @property
    def shows_company(self) -> bool:
        """Whether the card is filed under its company's name, or under none."""
        name = next(iter(self.shown), self.company)
        return bool(self.company) and company_key(name) == company_key(self.company)

    @property
    def composed(self) -> str:
        """The parts of a person's name, as they are said."""
        parts = (self.prefix, self.given, self.middle, self.family, self.suffix)
        return " ".join(part for part in parts if part)

    @property
    def name(self) -> str:
        """What a person is called."""
        if self.is_person and self.shows_company:
            return self.composed
        return next(iter(self.shown), self.composed)


def names_of(
    names: Iterable[Property], shown: Iterable[Property], organisations: Iterable[Property]
) -> Names:
    """Return the names that the properties N, FN and ORG of a card hold."""
    parts = next((each for item in names if any(each := item.name_parts())), [])
    family, given, middle, prefix, suffix, *_ = [*parts, *[""] * 5]
    units = [tuple(part for part in item.parts() if part) for item in organisations]
    units = [each for each in units if each]
    # Some programs write a company's name as a family name.
    if units and name_key(family + given) == name_key(units[0][0]):
        family = given = ""
    return Names(
        family,
        given,
        middle,
        prefix,
        suffix,
        tuple(tidy for item in shown if (tidy := " ".join(item.text().split()))),
        tuple(units),
    )
