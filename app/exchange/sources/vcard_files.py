"""Pictures and other bytes in a card; what stands elsewhere is never fetched."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from app.exchange.sources.vcard_property import Property
from app.exchange.spool import KeptFile, Spool

_MOST: Final = 50  # files of one card
MAX_FILE: Final = 10_000_000  # bytes
_DATA: Final = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),", re.IGNORECASE)
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MAGIC: Final = (
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"\x89PNG\r\n", "png", "image/png"),
    (b"GIF8", "gif", "image/gif"),
    (b"BM", "bmp", "image/bmp"),
    (b"II*\x00", "tif", "image/tiff"),
    (b"MM\x00*", "tif", "image/tiff"),
    (b"OggS", "ogg", "audio/ogg"),
    (b"-----BEGIN PGP", "asc", "application/pgp-keys"),
)


class FileReader:
    """Gathers the files of one card; what does not fit goes into `problems` and `rest`."""

    def __init__(self, spool: Spool) -> None:
        self.files: list[KeptFile] = []
        self.problems: list[tuple[str, str, str]] = []
        self.rest: list[tuple[str, str]] = []  # label, value
        self._spool = spool

    def take(self, name: str, items: Iterable[Property]) -> None:
        """Take the values of one property."""
        for item in items:
            text = item.value.strip()
            if not text:
                continue
            if len(self.files) >= _MOST:
                self._refuse(name, f"is one of more than {_MOST} files. Attach it by hand")
                return
            content = self._content(name, item, text)
            if content is None:
                continue
            kept = self._spool.keep(content)
            if all(known.kept.digest != kept.digest for known in self.files):
                ending, media_type = _sort(content)
                same = sum(1 for known in self.files if known.name.startswith(name.casefold()))
                number = f" {same + 1}" if same else ""
                self.files.append(
                    KeptFile(f"{name.casefold()[:200]}{number}{ending}", media_type, kept)
                )

    def _content(self, name: str, item: Property, text: str) -> bytes | None:
        found = _DATA.match(text)
        if found is not None and ";base64" not in found.group(2).casefold():
            return unquote_to_bytes(item.text()[found.end() :])
        if found is None and not item.is_base64 and (_URL.match(text) or name == "KEY"):
            self.rest.append((_label(name), item.text()))
            return None
        written = text[found.end() :] if found is not None else text
        if len(written) > MAX_FILE * 4 // 3 + 200_000:  # line ends and blanks count here
            self._refuse(name, f"is larger than {MAX_FILE // 1_000_000} MB. Make it smaller")
            return None
        content = _decoded(written)
        if content is None:
            self._refuse(name, "cannot be read: it is no base64. Export the card once more")
        return content

    def _refuse(self, name: str, why: str) -> None:
        label = _label(name)
        self.problems.append(
            (label, "", f"The {label.casefold()} {why}; the card went in without it.")
        )


def _label(name: str) -> str:
    return name.removeprefix("X-").replace("-", " ").capitalize()


def _decoded(text: str) -> bytes | None:
    bare = "".join(text.split()).replace("\\,", "").rstrip("=")
    try:
        # Many programs leave out the fill at the end; a single letter over is a cut.
        whole = bare[: len(bare) - 1] if len(bare) % 4 == 1 else bare
        return base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _sort(content: bytes) -> tuple[str, str]:
    """Return the ending of a file's name and its media type, by its first bytes."""
    for magic, ending, media_type in _MAGIC:
        if content.startswith(magic):
            return f".{ending}", media_type
    if content[:4] == b"RIFF":
        is_sound = content[8:12] == b"WAVE"
        return (".wav", "audio/wav") if is_sound else (".webp", "image/webp")
    return "", "application/octet-stream"
