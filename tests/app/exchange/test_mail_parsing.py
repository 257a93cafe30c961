"""Mails read from their source: real ones, odd ones, hostile ones."""

import base64
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.mail.addresses import addresses_in, normal_address
from app.exchange.mail.charsets import charset_named, text_of_bytes
from app.exchange.mail.headers import ids_in, moment_of, read_headers
from app.exchange.mail.html import html_text, safe_html
from app.exchange.mail.limits import MAX_DEPTH, MAX_PARTS
from app.exchange.mail.message import Mail, read_message
from app.exchange.mail.names import safe_name
from app.exchange.mail.parsing import external_id, row_of
from app.exchange.mail.words import decoded_words, from_base64, parameters
from models.values import MailRole
from tests.app.exchange.conftest import MAVEN

REAL = MAVEN.parent
EMAILS = REAL / "email-eml"
_EXPECTED = re.compile(
    r"^\| (?P<file>\S+\.eml) \|.*\| 1 message; "
    r"From \"(?P<sender>.*)\" Subject \"(?P<subject>.*?)\"; "
    r"parts=\d+; attachments=(?P<count>\d+)(?: \[(?P<names>.*?)\])?"
    r"(?:; nested messages=(?P<nested>\d+))? \|$"
)
# Where the index, made with another parser, sees less than there is.
_SUBJECTS = {
    "mail_example13.eml": "Saying Hello",
    "stalwart_malformed_019.eml": "Sprint 3 multipart fixture",
}
_SECONDS = 5.0


def index() -> list[Any]:
    path = REAL / "INDEX.md"
    if not path.exists():
        return [pytest.param({}, marks=pytest.mark.skip(f"{path} is not there"))]
    found = [_EXPECTED.match(line) for line in path.read_text("utf-8").splitlines()]
    return [pytest.param(each.groupdict(), id=each["file"]) for each in found if each]


@pytest.mark.parametrize("expected", index())
def test_every_real_mail_is_one_message_with_its_subject_sender_and_files(
    expected: dict[str, str],
) -> None:
    started = time.perf_counter()
    mail = read_message((EMAILS / expected["file"]).read_bytes())
    assert time.perf_counter() - started < _SECONDS
    subject = _SUBJECTS.get(expected["file"], expected["subject"])
    assert mail.subject == subject.strip()
    wanted = [a.address for a in addresses_in(expected["sender"])]
    if wanted:
        found = [a.address for a in mail.of_role(MailRole.FROM)]
        assert [a[:50] for a in wanted] == [
            a[: len(w)][:50] for a, w in zip(found, wanted, strict=True)
        ]
    names = [file.name for file in mail.files]
    for name in re.findall(r"'([^']*)'", expected["names"] or ""):
        if name != "None" and "\ufffd" not in name:
            assert safe_name(name) in names
    assert len(names) >= int(expected["count"]) + int(expected["nested"] or 0) - 2
    assert len(names) >= int(expected["count"])


def test_the_index_names_all_the_real_mails() -> None:
    if not EMAILS.exists():
        pytest.skip(f"{EMAILS} is not there")
    assert len(index()) == len(list(EMAILS.iterdir()))


def test_a_malformed_mail_keeps_its_source() -> None:
    raw = b'Subject: Offer\nContent-Type: multipart/mixed; boundary="a"\n\nno boundary here'
    mail = read_message(raw)
    assert mail.body == "no boundary here"
    (file,) = mail.files
    assert (file.name, file.content) == ("message.eml", raw)
    assert "breaks the rules" in mail.problems[0][2]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$^$_$`\x1b(B", "まみむ"),
        (b"Content-Type: text/plain\n\n\x1b$B$^$_$`\x1b(B", "まみむ"),
        (b"Content-Type: text/plain; charset=Shift_JIS\n\n" + "あいう①".encode("cp932"), "あいう①"),
        (
            b"Content-Type: text/plain; charset=ks_c_5601-1987\n\n" + "대한민국".encode("cp949"),
            "대한민국",
        ),
        (b"Content-Type: text/plain; charset=gb2312\n\n" + "報價單".encode("gb18030"), "報價單"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n\n\x93Gr\xfc\xdfe\x94", "“Grüße”"),
        (b"Content-Type: text/plain; charset=no-such-set\n\nGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (
            b"Content-Type: text/plain; charset=us-ascii\n\nGr\xfc\xdfe aus Br\xfchl",
            "Grüße aus Brühl",
        ),
        (b"Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe aus Br\xfchl", "Grüße aus Brühl"),
        (b"Content-Type: text/plain; charset=utf-7\n\nGr+APwA3w-e", "Grüße"),
        (
            b"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n"
            + base64.b64encode("Grüße".encode("utf-16")),
            "Grüße",
        ),
        (b"Content-Type: text/plain; charset=punycode\n\nplain-text", "plain-text"),
    ],
)
def test_a_text_is_read_in_the_charset_it_is_in(raw: bytes, text: str) -> None:
    assert read_message(b"Subject: x\nFrom: a@b.example\n" + raw).body == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe_an?= alle", "Grüße an alle"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße"),  # torn in the middle of a character
        ("=?iso-8859-1*de?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?no-such?Q?x?=", "x"),
        ("=?utf-8?Q?TEST", "TEST"),
        ("a =? b ?= c", "a =? b ?= c"),
        ("=?utf-8?b?!!!?=", ""),
    ],
)
def test_encoded_words(written: str, read: str) -> None:
    assert decoded_words(written) == read


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Anna <anna@x.example>", [("Anna", "anna@x.example")]),
        ('"Roth, Ida" <ida@x.example>, b@y.example',
         [("Roth, Ida", "ida@x.example"), ("", "b@y.example")]),
        ("Team: a@x.example, B <b@x.example>;, c@x.example",
         [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")]),
        ("undisclosed-recipients:;", []),
        ("Pete(A nice \\) chap) <pete(his account)@silly.example(his host)>",
         [("Pete", "pete@silly.example")]),
        ("<@one.example,@two.example:mary@x.example>", [("", "mary@x.example")]),
        ("joe @ x . example (Joe)", [("Joe", "joe@x.example")]),
        ("=?utf-8?Q?J=C3=B6hn?= <j@x.example>", [("Jöhn", "j@x.example")]),
        ('"=?utf-8?Q?J=C3=B6hn?=" <j@x.example>', [("Jöhn", "j@x.example")]),
        ("Jöhn <jö@mächine.example>", [("Jöhn", "jö@mächine.example")]),
        ("MAILER-DAEMON", [("", "MAILER-DAEMON")]),
        ("a@x.example <a@x.example>", [("", "a@x.example")]),
        ("a@x.example; b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        ("", []),
    ],
)  # fmt: skip
def test_addresses_are_found_however_they_are_written(
    header: str, found: list[tuple[str, str]]
) -> None:
    assert [(a.name, a.address) for a in addresses_in(header)] == found


def test_an_address_is_compared_in_the_letters_of_its_domain() -> None:
    assert normal_address("Info@XN--MCHINE-BUA.example") == normal_address("info@mächine.example")
    assert normal_address("<A.B@X.example>") == "a.b@x.example"
    assert normal_address("a@xn--\x00.example") == "a@xn--\x00.example"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 5 Mar 2024 10:30:00 +0100", datetime(2024, 3, 5, 9, 30, tzinfo=UTC)),
        ("5 Mar 24 10:30 GMT", datetime(2024, 3, 5, 10, 30, tzinfo=UTC)),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600",
         datetime(1997, 11, 21, 15, 55, 6, tzinfo=UTC)),
        ("Sat, 31 Dec 2016 23:59:60 +0000", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Wed Dec  1 08:26:40 2010", datetime(2010, 12, 1, 8, 26, 40, tzinfo=UTC)),
        ("Tue, 5 Mar 2024 10:30:00 +9999", datetime(2024, 3, 5, 10, 30, tzinfo=UTC)),
        ("yesterday", None),
        ("99 99 99999999 99:99:99", None),
        ("Tue, 5 Mar 99999 10:30:00", None),
        ("", None),
    ],
)  # fmt: skip
def test_moments(text: str, moment: datetime | None) -> None:
    assert moment_of(text) == moment


def test_the_moment_is_that_of_the_last_server_where_the_date_says_nothing() -> None:
    raw = (
        b"Received: from a by b; Tue, 5 Mar 2024 10:30:00 +0000\n"
        b"Received: from c by a; Tue, 5 Mar 2024 10:00:00 +0000\nDate: today\n\nx"
    )
    later = datetime(2025, 1, 1, tzinfo=UTC)
    assert read_message(raw, arrived=later).at == datetime(2024, 3, 5, 10, 30, tzinfo=UTC)
    assert read_message(b"Subject: x\n\nx", arrived=later).at == later


def test_parameters_in_pieces_and_charsets() -> None:
    header = (
        "attachment; filename*0*=iso-8859-1''Rechnung%20M%FC; filename*1*=ller; filename*2=.pdf"
    )
    assert parameters(header) == ("attachment", {"filename": "Rechnung Müller.pdf"})
    assert parameters('text/plain; charset="utf-8"; name="a \\"b\\".txt') == (
        "text/plain",
        {"charset": "utf-8", "name": 'a "b".txt'},
    )


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("..", "attachment"),
        ("a\x00b\n.txt", "ab .txt"),
        ("con.txt", "_con.txt"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("", "attachment"),
        ("ä" * 300 + ".pdf", "ä" * 125 + ".pdf"),
        ("  name .pdf. ", "name .pdf"),
    ],
)
def test_names_of_files_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert len(safe.encode()) <= 255


def test_html_keeps_nothing_that_must_be_fetched_or_run() -> None:
    source = """<html><head><style>@import url(http://evil/x.css)</style></head>
    <body background="http://evil/b.png" onload="x()"><p style="color: red; background: url(http://e/x)"
    >Hi <img src="cid:1"><img src="http://evil/track.gif"><a href="javascript:x()">a</a>
    <a href="https://good.example">b</a></p><iframe src="http://evil"></iframe><script>x()</script>
    <form action="http://evil"><input></form><svg><image href="http://evil"/></svg>
    <link rel=stylesheet href="http://evil"><video src="http://evil/v.mp4" poster="http://e/p"></video>
    <table background="http://evil"><tr><td>c</td></tr></table></body></html>"""
    safe = safe_html(source)
    assert "evil" not in safe
    assert "url(" not in safe
    assert "javascript" not in safe
    assert 'href="https://good.example"' in safe
    assert '<p style="color:red">' in safe.replace("color: red", "color:red")


def test_html_as_text_has_lines_where_a_reader_sees_them() -> None:
    source = (
        "<style>p{}</style><h1>Offer</h1><p>Dear&nbsp;Anna,<br>two\n lines</p><ul><li>one</li>"
        "<li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table><pre>  x\n  y</pre>"
        "<p title='a>b'>1 &lt; 2</p>"
    )
    assert html_text(source) == (
        "Offer\nDear Anna,\ntwo lines\n\n- one\n- two\na  b\n\n  x\n  y\n1 < 2"
    )


@pytest.mark.parametrize(
    "source",
    ["<div>" * 200_000, "<p><b>" * 100_000, "<" * 500_000, '<a "' * 200_000, "&#" * 400_000,
     "&" * 900_000, "&#x" * 300_000, "&amp;< " * 200_000, "<p>" + "&lt;" * 90_000,
     "<dd><li>" * 100_000, "</div><b>" * 100_000, "<li>" * 200_000,
     "<table><tr><td>" * 50_000, "<!--" * 200_000, "<pre>" * 200_000, "x" * 5_000_000],
    ids=lambda source: source[:12],
)  # fmt: skip
def test_tangled_html_costs_no_seconds(source: str) -> None:
    started = time.perf_counter()
    raw = b"From: a@b.example\nContent-Type: text/html\n\n" + source.encode()
    assert isinstance(read_message(raw), Mail)
    assert time.perf_counter() - started < _SECONDS


def deep(levels: int) -> bytes:
    lines = [b"From: a@b.example"]
    for level in range(levels):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % level, b"", b"--b%d" % level]
    return b"\n".join([*lines, b"Content-Type: text/plain", b"", b"innermost"])


@pytest.mark.parametrize(
    "raw",
    [
        deep(10_000),
        b"From: a@b.example\nContent-Type: message/rfc822\n\n" * 20_000,
        b"From: " + b"(" * 400_000,
        b"From: " + b"<" * 400_000,
        b"From: " + b'"' * 400_001,
        b"From: " + b"a:" * 200_000,
        b"From: " + b"a@b.example, " * 40_000,
        b"Subject: " + b"=?utf-8?q?" * 50_000,
        b"Subject: " + b"=?idna?q?x?=" * 30_000,
        b"Subject: a\n" + b" b\n" * 300_000,
        b"X: y\n" * 100_000,
        b"Content-Type: text/plain; " + b'a="' * 200_000,
        b"Content-Type: text/plain; " + b"name*0*=a;" * 50_000,
        b"Content-Type: multipart/mixed; boundary=-\n\n" + b"---\n" * 300_000,
        b"From: a@b\nContent-Transfer-Encoding: base64\n\n" + b"=" * 2_000_000,
        b"From: a@b\n\n" + bytes(range(128, 256)) * 20_000,
    ],
    ids=range(16),
)
def test_hostile_mails_are_read_in_time(raw: bytes) -> None:
    started = time.perf_counter()
    row = row_of(1, read_message(raw))
    assert time.perf_counter() - started < _SECONDS
    assert row.given is not None


def test_what_is_too_deep_is_left_out_and_said() -> None:
    mail = read_message(deep(MAX_DEPTH + 10))
    assert any("left out" in reason for _, _, reason in mail.problems)
    assert mail.files[-1].name == "message.eml"
    assert "innermost" in read_message(deep(MAX_DEPTH - 5)).body


def test_more_parts_than_the_limit_are_left_out_and_said() -> None:
    parts = b"".join(b"--b\nContent-Type: text/plain\n\n%d\n" % n for n in range(MAX_PARTS + 500))
    head = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    mail = read_message(head + parts + b"--b--\n")
    assert any("left out" in reason for _, _, reason in mail.problems)
    assert mail.body.startswith("0\n\n1\n\n2")


def test_a_forwarded_message_is_a_file_and_offers_its_files() -> None:
    inner = (
        b"Subject: Earlier\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nhello\n--i\n"
        b'Content-Type: application/pdf; name="plan.pdf"\n\nPDF\n--i--\n'
    )
    raw = (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nsee below\n--o\n"
        b"Content-Type: message/rfc822\n\n" + inner + b"\n--o--\n"
    )
    mail = read_message(raw)
    assert mail.body == "see below"
    assert [f.name for f in mail.files] == ["Earlier.eml", "plan.pdf"]
    assert read_message(mail.files[0].content).subject == "Earlier"


def test_message_ids() -> None:
    assert ids_in("<a@b> <c@d>\n <a@b>") == ("a@b", "c@d")
    assert ids_in("<1234   @   local(blah)  .machine .example>") == ("1234@local.machine.example",)
    assert ids_in("a@b") == ("a@b",)
    assert ids_in(" @ ") == ()
    assert len(ids_in(f"<{'ü' * 5_000}@x>")[0].encode()) <= 900


def test_a_mail_without_an_id_is_known_by_what_it_says() -> None:
    one = read_message(b"From: a@b.example\nSubject: x\n\nhello")
    same = read_message(b"From: a@b.example\r\nSubject: x\r\nStatus: RO\r\n\r\nhello\r\n")
    other = read_message(b"From: a@b.example\nSubject: x\n\nhello you")
    assert external_id(one) == external_id(same) != external_id(other)


@pytest.mark.parametrize("name", ["", "x" * 500, "rot13", "base64", "zip", "idna", "😀"])
def test_names_that_are_no_charset(name: str) -> None:
    assert charset_named(name) is None
    assert text_of_bytes("Grüße".encode(), name)[0] == "Grüße"


@given(st.binary(max_size=400))
def test_base64_of_any_bytes_gives_bytes(content: bytes) -> None:
    assert isinstance(from_base64(content), bytes)


_PIECES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"From: A <a@b.example>\n", b"To: ", b"Subject: =?utf-8?b?", b"?=", b"\n", b"\r\n",
            b"Content-Type: multipart/mixed; boundary=b\n", b"--b\n", b"--b--\n", b'boundary="',
            b"Content-Type: text/html; charset=utf-16\n", b"Content-Type: message/rfc822\n",
            b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uuencode\n",
            b"Content-Disposition: attachment; filename*0*=utf-8''%ff", b"Date: ", b"<", b">", b"(",
            b"begin 644 x\n", b"charset=iso-2022-kr", b"\x1b$B", b"format=flowed; delsp=yes",
        ]
    ),
)  # fmt: skip


@settings(max_examples=400, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=40).map(b"".join))
def test_no_bytes_whatever_crash_the_reader(raw: bytes) -> None:
    mail = read_message(raw)
    for text in (mail.subject, mail.body, mail.body_html, *(f.name for f in mail.files)):
        text.encode("utf-8")
        assert "\x00" not in text
    assert all("/" not in f.name and 0 < len(f.name.encode()) <= 255 for f in mail.files)
    row = row_of(1, mail)
    assert row.given is not None
    assert len(row.given.values["external_id"]) <= 300


def test_headers_end_where_they_end() -> None:
    headers = read_headers(b"Subject: a\n b\nX : y\n\nbody")
    assert headers.words("subject") == "a b"
    assert headers.words("x") == "y"
    assert headers.sound
    assert not read_headers(b"Subject: a\n--b\nnot a header").sound
