"""What fields and kinds are, and the words that many kinds share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models.values import FieldType


class Shape(StrEnum):
    """How a field's text is read."""

    TEXT = "text"
    LONG = "long"
    NAME = "name"
    LINK = "link"
    ID = "id"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    MONEY = "money"
    NUMBER = "number"
    INTEGER = "integer"
    YEAR = "year"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CURRENCY = "currency"
    TAGS = "tags"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `weight` says how much its presence speaks for the kind, `limit` is in characters."""  # noqa: E501  data, kept on its line

    key: str
    label: str
    shape: Shape
    words: tuple[str, ...]
    weight: float = 1.0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record that files hold; without one of `needs` a row is nothing."""

    key: str
    label: str
    plural: str
    fields: Mapping[str, Field]
    needs: tuple[str, ...]

    def field(self, key: str) -> Field:
        """Return a field by its key, also one that is made of it: `phone:fax`, `custom:text:Size`.

        Raise KeyError for a key that names none.
        """
        found = self.fields.get(key)
        return found if found is not None else made_field(key)


def a_field(
    key: str, label: str, shape: Shape, words: str, weight: float = 1.0, limit: int = 0
) -> Field:
    """Return a field; its words stand between bars, empty where no header alone can name it."""
    return Field(key, label, shape, tuple(words.split("|")) if words else (), weight, limit)


def a_kind(key: str, label: str, plural: str, fields: Iterable[Field], *needs: str) -> Kind:
    """Return a kind of these fields."""
    return Kind(key, label, plural, MappingProxyType({f.key: f for f in fields}), needs)


CUSTOM: Final = "custom:"
_MADE: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "email": Shape.EMAIL,
        "phone": Shape.PHONE,
        "website": Shape.URL,
        "social": Shape.TEXT,
        "comment": Shape.LONG,
        "tag": Shape.TAGS,
        "born": Shape.TEXT,
        "note": Shape.LONG,
    }
)
ADDRESS_PARTS: Final[Mapping[str, int]] = MappingProxyType(
    {"street": 500, "postal_code": 40, "city": 150, "region": 150, "country": 100,
     "street_2": 500, "street_3": 500, "po_box": 100}
)  # fmt: skip
_CUSTOM_SHAPES: Final[Mapping[FieldType, Shape]] = MappingProxyType(
    {
        FieldType.TEXT: Shape.LONG,
        FieldType.NUMBER: Shape.NUMBER,
        FieldType.MONEY: Shape.MONEY,
        FieldType.DATE: Shape.DATE,
        FieldType.CHOICE: Shape.TEXT,
        FieldType.YES_NO: Shape.YES_NO,
    }
)


def custom_key(type_: FieldType, name: str) -> str:
    """Return the key of a field of the workspace's own."""
    return f"{CUSTOM}{type_.value}:{name}"


def custom_parts(key: str) -> tuple[FieldType, str]:
    """Return the type and the name of a field of the workspace's own."""
    type_, _, name = key.removeprefix(CUSTOM).partition(":")
    return FieldType(type_), name


def made_field(key: str) -> Field:
    """Return the field that a made key means.

    `email:LABEL`, `phone:LABEL`, `website:LABEL`, `social:LABEL`: one more way to reach somebody;
    `address:LABEL:PART`: a part of one more address; `custom:TYPE:NAME`: a field of their own;
    `born:year`, `born:month`, `born:day`: a birthday in three columns; `note:LABEL`: a line of the
    description. A LABEL that ends in `@17` stands in the row's cell 17, counted from 0.
    """
    if key.startswith("nth:"):
        from app.exchange.numbered import numbered_field

        return numbered_field(key)
    if key.startswith(CUSTOM):
        type_, name = custom_parts(key)
        return Field(key, name, _CUSTOM_SHAPES[type_], ())
    sort, _, label = key.partition(":")
    if sort == "address":
        label, _, part = label.partition(":")
        words = f"{part.replace('_', ' ').capitalize()}, {label}"
        return Field(key, words, Shape.TEXT, (), limit=ADDRESS_PARTS[part])
    if not label:
        raise KeyError(key)
    # A comment more says little more about what the rows are.
    weight = 0.05 if sort in {"comment", "tag", "note"} else 1.0
    return Field(key, f"{sort.capitalize()}, {label}", _MADE[sort], (), weight)


ID_WORDS: Final = "id|record id|rec id|external id|identifier|unique id|uuid|guid|key|reference|ref"
OWNER_WORDS: Final = (
    "owner|owner name|assigned to|assignee|responsible|account owner|account manager|"
    "zuständig|besitzer|betreuer|bearbeiter|propriétaire|propietario|responsable|"
    "record owner|handled by|owner email|assigned user|assigned agent|account owner email"
)
COMPANY_WORDS: Final = (
    "company|company name|organization|organisation|organization name|account|account name|firm|"
    "employer|business|business name|customer company|firma|unternehmen|organisationsname|société|"
    "entreprise|empresa|compañía|azienda|società|bedrijf|associated company|company or account|"
    "related company|client|client name|customer name|customer|kunde|firmenname|org|org name|"
    "organisation name|account id name"
)
EMAIL_WORDS: Final = (
    "email|e mail|email address|e mail address|mail|primary email|email 1|e mail 1 value|"
    "work email|emailadresse|e mail adresse|courriel|adresse e mail|correo|correo electrónico|"
    "email work|contact email|posta elettronica|e mail adres|mailadresse|email id"
)
PHONE_WORDS: Final = (
    "phone|telephone|phone number|tel|phone 1|phone 1 value|primary phone|business phone|"
    "work phone|office phone|telefon|telefonnummer|téléphone|teléfono|telefono|rufnummer|"
    "telefoon|contact number|company phone|direct phone|tel no|phone no|main phone"
)
SOURCE_WORDS: Final = (
    "source|lead source|original source|channel of origin|herkunft|quelle|lead quelle|origin|"
    "how did you hear|acquisition source|utm source"
)
DESCRIPTION_WORDS: Final = (
    "description|notes|note|comment|comments|remarks|details|beschreibung|bemerkung|notizen|"
    "about|memo|background|observaciones|remarque|anmerkung|info"
)
TAGS_WORDS: Final = (
    "tags|tag|labels|label|groups|group membership|categories|schlagworte|etiketten|etiquetas"
)
STREET_WORDS: Final = (
    "street|address|street address|address 1|address1|address line 1|billing street|straße|strasse|"
    "adresse|rue|calle|dirección|indirizzo|home street|business street|mailing street|"
    "anschrift|home address|work address"
)
POSTAL_WORDS: Final = (
    "zip|zip code|zipcode|postal code|postcode|plz|postleitzahl|code postal|código postal|"
    "billing postal code|mailing postal code|cap|billing zip|home zip"
)
CITY_WORDS: Final = (
    "city|town|ort|stadt|ville|ciudad|città|billing city|mailing city|home city|plaats|"
    "work city|wohnort|suburb|locality"
)
REGION_WORDS: Final = (
    "state|region|province|county|bundesland|kanton|billing state|mailing state|provincia"
)
COUNTRY_WORDS: Final = (
    "country|office location|land|pays|país|paese|billing country|mailing country|location|"
    "headquarters|hq|hq location|hq country|home country|country region|nation|home base"
)
CREATED_WORDS: Final = (
    "created|created at|created date|create date|date created|created on|erstellt|erstellt am|"
    "creation date|date added|added on|createdate|connected on|signup date|registered"
)
MODIFIED_WORDS: Final = (
    "modified|modified at|modified on|modified date|last modified|last modified date|updated|"
    "updated at|last updated|update date|date modified|changed|changed on|geändert|geändert am|"
    "last activity date updated|modified time|write date|lastmodifieddate|systemmodstamp"
)
CURRENCY_WORDS: Final = "currency|currency code|währung|waehrung|devise|moneda|currency iso code"
LANGUAGE_WORDS: Final = "language|locale|sprache|langue|idioma|preferred language"
