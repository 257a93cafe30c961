"""Outlook's .msg files: properties, recipients, files, messages within, RTF."""

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.exchange.formats import open_raw
from app.exchange.mail.message import Mail
from app.exchange.mail.rtf import rtf_content, unpacked
from app.exchange.plan import plan_file
from app.exchange.sources.outlook_message import OutlookMessage, recognises
from models.values import MailRole
from tests.app.exchange.compound_file import compound_file, item

SENT = datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
READING: dict[str, Any] = {"encoding": None, "delimiter": None, "sheet": None}


def message(**changes: Any) -> dict[str, Any]:
    texts = {
        0x0037: "Angebot für Gürtler",
        0x1000: "Guten Tag,\r\n\r\nanbei das Angebot.",
        0x0042: "Jana Wolf",
        0x5D02: "jana.wolf@nordlicht.example",
        0x1035: "<offer-1@nordlicht.example>",
    } | changes.pop("texts", {})
    return item(32, texts, moments={0x0039: SENT}, **changes)


def saved(tmp_path: Path, tree: dict[str, Any]) -> Path:
    path = tmp_path / "offer.msg"
    path.write_bytes(compound_file(tree))
    return path


def read(path: Path) -> Mail:
    (row,) = OutlookMessage(path).raw_rows()
    assert not row.problem
    assert row.given is not None
    mail: Mail = row.given.values["mail"]
    return mail


def test_a_message_is_read_with_people_text_and_files(tmp_path: Path) -> None:
    tree = message(
        **{
            "__recip_version1.0_#00000000": item(
                8, {0x3001: "Max Gürtler", 0x39FE: "max@guertler.example"}, numbers={0x0C15: 1}
            ),
            "__recip_version1.0_#00000001": item(
                8, {0x3001: "Buchhaltung", 0x3003: "books@guertler.example"}, numbers={0x0C15: 2}
            ),
            "__attach_version1.0_#00000000": item(
                8,
                {0x3707: "..\\Angebot 2024.pdf", 0x370E: "application/pdf"},
                binary={0x3701: b"%PDF-1.4 " + bytes(5_000)},
            ),
        }
    )
    path = saved(tmp_path, tree)
    assert recognises(path, path.read_bytes()[:512])
    mail = read(path)
    assert (mail.subject, mail.at) == ("Angebot für Gürtler", SENT)
    assert mail.body == "Guten Tag,\n\nanbei das Angebot."
    assert mail.message_id == "offer-1@nordlicht.example"
    assert [(p.role, p.address.text) for p in mail.people] == [
        (MailRole.FROM, "Jana Wolf <jana.wolf@nordlicht.example>"),
        (MailRole.TO, "Max Gürtler <max@guertler.example>"),
        (MailRole.CC, "Buchhaltung <books@guertler.example>"),
    ]
    (file,) = mail.files
    assert (file.name, file.media_type, len(file.content)) == (
        "Angebot 2024.pdf", "application/pdf", 5_009,
    )  # fmt: skip


def test_narrow_texts_are_read_in_the_codepage_of_the_message(tmp_path: Path) -> None:
    tree = item(
        32,
        {0x5D02: "a@b.example"},
        narrow={0x0037: "Предложение".encode("cp1251"), 0x1000: "Привет".encode("cp1251")},
        numbers={0x3FFD: 1251},
    )
    mail = read(saved(tmp_path, tree))
    assert (mail.subject, mail.body) == ("Предложение", "Привет")


def test_html_is_made_safe_and_is_the_text_where_there_is_none(tmp_path: Path) -> None:
    source = "<p>Grüße</p><script>x()</script><img src='http://track.example/1.png'>"
    tree = message(binary={0x1013: source.encode("utf-8")}, numbers={0x3FDE: 65001})
    del tree["__substg1.0_1000001F"]
    mail = read(saved(tmp_path, tree))
    assert mail.body == "Grüße"
    assert mail.body_html == "<p>Grüße</p>"


def test_a_message_within_is_kept_as_a_mail(tmp_path: Path) -> None:
    inner = item(24, {0x0037: "Earlier", 0x1000: "What we said", 0x5D02: "x@y.example"})
    attachment = item(8, {0x3001: "Earlier"}) | {"__substg1.0_3701000D": inner}
    mail = read(saved(tmp_path, message(**{"__attach_version1.0_#00000000": attachment})))
    (file,) = mail.files
    assert (file.name, file.media_type) == ("Earlier.eml", "message/rfc822")
    assert b"Subject: Earlier" in file.content
    assert b"What we said" in file.content


def test_the_headers_of_the_transport_name_who_has_no_address_of_its_own(tmp_path: Path) -> None:
    head = (
        "From: Ida Roth <ida@roth.example>\r\nTo: Team <team@roth.example>\r\n"
        "References: <first@roth.example> <second@roth.example>\r\n"
        "Message-ID: <third@roth.example>\r\n\r\n"
    )
    tree = item(32, {0x0037: "Plan", 0x007D: head, 0x0042: "Roth, Ida", 0x0065: "/o=ROTH/cn=IDA"})
    mail = read(saved(tmp_path, tree))
    assert mail.sender == "ida@roth.example"
    assert [a.address for a in mail.of_role(MailRole.TO)] == ["team@roth.example"]
    assert mail.references == ("first@roth.example", "second@roth.example")
    assert mail.message_id == "third@roth.example"


@pytest.mark.parametrize("cut", [100, 600, 1_500, 3_000])
def test_a_broken_file_is_refused_with_a_reason_and_no_crash(tmp_path: Path, cut: int) -> None:
    path = saved(tmp_path, message(binary={0x1013: bytes(8_000)}))
    path.write_bytes(path.read_bytes()[:cut])
    rows = list(OutlookMessage(path).raw_rows())
    assert len(rows) == 1
    assert rows[0].problem or rows[0].given is not None


def test_other_compound_files_are_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xls"
    path.write_bytes(compound_file({"Workbook": b"x" * 5_000}))
    assert not recognises(path, path.read_bytes()[:512])


def test_a_message_is_recognised_by_what_is_in_it(tmp_path: Path) -> None:
    path = saved(tmp_path, message()).rename(tmp_path / "no ending")
    assert isinstance(open_raw(path, path.read_bytes()[:512], **READING), OutlookMessage)
    assert plan_file(path).kind == "activity"


def _packed_plainly(rtf: bytes) -> bytes:
    return struct.pack("<4I", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def test_the_text_of_rtf_is_found() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Riched20;}"
        rb"\pard Gr\'fc\'dfe \u8364?100\par zweite Zeile\tab Ende}"
    )
    assert rtf_content(unpacked(_packed_plainly(rtf))) == ("Grüße €100\nzweite Zeile\tEnde", False)


def test_the_html_within_rtf_is_found() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
        rb"Caf\'e9 & Bar{\*\htmltag84 &nbsp;}\htmlrtf \par}\htmlrtf0 {\*\htmltag72 </p>}}"
    )
    assert rtf_content(rtf) == ("<p>Café &amp; Bar&nbsp;</p>", True)


def test_packed_rtf_is_unpacked_as_its_specification_shows() -> None:
    # The example of MS-OXRTFCP 4.1.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b0"
        "6c647d0a800fa0"
    )
    assert unpacked(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize("content", [b"", b"x" * 16, b"\x00" * 40, b"LZFu" * 30])
def test_what_is_no_rtf_gives_nothing(content: bytes) -> None:
    assert rtf_content(unpacked(content))[1] is False
