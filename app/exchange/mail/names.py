"""Names for attachments that are safe on every system, whatever the mail calls them."""

import mimetypes
import re
from typing import Final

from app.exchange.mail.charsets import storable

_LONGEST: Final = 255
_UNSAFE: Final = re.compile(
    '[\x00-\x1f\x7f<>:"/\\\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
)
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_ENDINGS: Final = {
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "application/ms-tnef": ".dat",
}


def safe_name(name: str, media_type: str = "", *, fallback: str = "attachment") -> str:
    """Return the last part of a name without what would leave a folder or mislead an eye."""
    last = re.split(r"[/\\]", storable(name).strip())[-1]
    tidy = " ".join(_UNSAFE.sub(" ", last).split()).strip(". ")
    if not tidy:
        tidy = fallback + ending_of(media_type)
    if _DEVICES.fullmatch(tidy):
        tidy = f"_{tidy}"
    return _shortened(tidy)


def ending_of(media_type: str) -> str:
    """Return the usual ending of a type's files, empty where there is none."""
    return _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ""


def _shortened(name: str) -> str:
    raw = name.encode()
    if len(raw) <= _LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 16:  # noqa: PLR2004  no ending then, but a text with a dot
        return raw[:_LONGEST].decode(errors="ignore")
    room = _LONGEST - len(f".{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore") + f".{ending}"
