"""Writes the compound files that Outlook saves messages in (MS-CFB, MS-OXMSG), for tests."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
Tree = Mapping[str, Any]  # a name → bytes of a stream, or the tree of a storage


def compound_file(tree: Tree) -> bytes:
    """Return a compound file of version 3 with these streams and storages."""
    entries: list[dict[str, Any]] = [{"name": "Root Entry", "type": 5, "child": NONE}]
    _add(entries, 0, tree)
    mini = bytearray()
    mini_fat: list[int] = []
    sectors: list[bytes] = []
    fat: list[int] = []
    for entry in entries:
        content = entry.get("content")
        if content is None:
            continue
        entry["start"] = END
        if content and len(content) < CUTOFF:
            entry["start"] = len(mini) // MINI
            count = -(-len(content) // MINI)
            first = len(mini_fat)
            mini_fat += [first + n + 1 for n in range(count - 1)] + [END]
            mini += content.ljust(count * MINI, b"\x00")
        elif content:
            entry["start"] = _store(sectors, fat, content)
    root = entries[0]
    root["start"] = _store(sectors, fat, bytes(mini)) if mini else END
    root["size"] = len(mini)
    table = b"".join(struct.pack("<I", each) for each in mini_fat)
    mini_fat_start = _store(sectors, fat, table.ljust(-(-len(table) // SECTOR) * SECTOR, b"\xff"))
    directory = b"".join(_entry(entry) for entry in entries)
    directory_start = _store(sectors, fat, directory)
    fat_sectors = 1
    while (len(fat) + fat_sectors) * 4 > fat_sectors * SECTOR:
        fat_sectors += 1
    places = [len(fat) + n for n in range(fat_sectors)]
    fat += [FAT] * fat_sectors
    whole = b"".join(struct.pack("<I", each) for each in fat)
    sectors.append(whole.ljust(fat_sectors * SECTOR, b"\xff"))
    header = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, fat_sectors,
        directory_start, 0, CUTOFF, mini_fat_start if mini_fat else END,
        -(-len(table) // SECTOR), END, 0,
    )  # fmt: skip
    difat = places + [FREE] * (109 - len(places))
    return header + struct.pack("<109I", *difat) + b"".join(sectors)


def _add(entries: list[dict[str, Any]], parent: int, tree: Tree) -> None:
    last = None
    for name in sorted(tree, key=lambda text: (len(text), text.upper())):
        value = tree[name]
        place = len(entries)
        is_stream = isinstance(value, bytes)
        entries.append(
            {"name": name, "type": 2, "content": value, "size": len(value)}
            if is_stream
            else {"name": name, "type": 1}
        )
        if last is None:
            entries[parent]["child"] = place
        else:
            entries[last]["right"] = place
        last = place
        if not is_stream:
            _add(entries, place, value)


def _entry(entry: dict[str, Any]) -> bytes:
    name = entry["name"].encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        name, len(name) + 2, entry["type"], 1, NONE, entry.get("right", NONE),
        entry.get("child", NONE), b"", 0, 0, 0, entry.get("start", 0), entry.get("size", 0),
    )  # fmt: skip


def _store(sectors: list[bytes], fat: list[int], content: bytes) -> int:
    count = -(-len(content) // SECTOR)
    first = len(fat)
    fat += [first + n + 1 for n in range(count - 1)] + [END] * bool(count)
    sectors.append(content.ljust(count * SECTOR, b"\x00"))
    return first if count else END


def item(
    header: int, texts: Mapping[int, str] = {}, /, *, narrow: Mapping[int, bytes] = {},
    binary: Mapping[int, bytes] = {}, numbers: Mapping[int, int] = {},
    moments: Mapping[int, datetime] = {}, **more: Tree,
) -> dict[str, Any]:  # fmt: skip
    """Return a message, recipient or attachment: its properties by their numbers."""
    found: dict[str, Any] = dict(more)
    table = b""
    for key, text in texts.items():
        found[f"__substg1.0_{key:04X}001F"] = text.encode("utf-16-le")
        table += struct.pack("<HHIQ", 0x1F, key, 6, len(text) * 2)
    for key, raw in narrow.items():
        found[f"__substg1.0_{key:04X}001E"] = raw
        table += struct.pack("<HHIQ", 0x1E, key, 6, len(raw))
    for key, raw in binary.items():
        found[f"__substg1.0_{key:04X}0102"] = raw
        table += struct.pack("<HHIQ", 0x102, key, 6, len(raw))
    for key, number in numbers.items():
        table += struct.pack("<HHIQ", 0x03, key, 6, number)
    for key, moment in moments.items():
        ticks = int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        table += struct.pack("<HHIQ", 0x40, key, 6, ticks)
    found["__properties_version1.0"] = bytes(header) + table
    return found
