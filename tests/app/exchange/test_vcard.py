"""vCards of every age and make: read, refused with a reason, written and read again."""

import base64
import json
import pickle
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.formats import open_raw
from app.exchange.out.vcard import card, write
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.exchange.sources.vcard_lines import MAX_CARD
from app.exchange.tables import SourceRow, open_table
from app.workspace import Workspace
from models.records import Attachment, AttachmentLink, Company, Contact, ContactPoint, ExternalId
from models.values import PointKind
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import read, snapshot

EMAIL, PHONE, SITE, SOCIAL = PointKind.EMAIL, PointKind.PHONE, PointKind.WEBSITE, PointKind.SOCIAL
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 100
FILES = settings(
    max_examples=60, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rows(path: Path) -> list[SourceRow]:
    return list(open_table(path).rows())


def lines(*texts: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *texts, "END:VCARD", ""])


def values(path: Path) -> dict[str, Any]:
    (row,) = rows(path)
    assert row.given is not None, row.problem
    return row.given.values


# ---- lines and letters


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_any_line_end_and_encoding(make_file: MakeFile, encoding: str, ends: str) -> None:
    text = lines("FN:Jörg Ünal", "NOTE:one\r\n  two", "EMAIL:j@x.example").replace("\r\n", ends)
    found = values(make_file(text, "a.vcf", encoding=encoding))
    assert (found["name"], found["description"]) == ("Jörg Ünal", "one two")


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_old_eight_bit_files(make_file: MakeFile, encoding: str) -> None:
    found = values(make_file(lines("FN:Jörg Çelik"), "a.vcf", encoding=encoding))
    assert found["name"] == "Jörg Çelik"


def test_each_property_may_have_a_charset_of_its_own(make_file: MakeFile) -> None:
    data = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"FN;CHARSET=windows-1251:" + "Анна".encode("cp1251") + b"\r\n"
        b"TITLE;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:=A3owczy\r\n"
        b"NOTE;CHARSET=no-such;ENCODING=QUOTED-PRINTABLE:caf=E9\r\n"
        b"END:VCARD\r\n"
    )
    found = values(make_file(data, "a.vcf"))
    assert (found["name"], found["job_title"], found["description"]) == ("Анна", "Łowczy", "café")


def test_a_letter_may_be_cut_by_folding(make_file: MakeFile) -> None:
    whole = "FN:Größe".encode()
    cut = whole.index("ö".encode()) + 1
    data = b"BEGIN:VCARD\nVERSION:3.0\n" + whole[:cut] + b"\n " + whole[cut:] + b"\nEND:VCARD\n"
    assert values(make_file(data, "a.vcf"))["name"] == "Größe"


def test_quoted_printable_goes_on_after_its_soft_breaks(make_file: MakeFile) -> None:
    text = lines(
        "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BC=\r\nller;Anna=3BMaria;;;",
        "NOTE;QUOTED-PRINTABLE:one=0D=0A=\r\ntwo: three=\r\n",
        "TEL;CELL:+49 170 5550010",
        version="2.1",
    )
    found = values(make_file(text, "a.vcf"))
    assert (found["family_name"], found["given_name"]) == ("Müller", "Anna;Maria")
    assert found["description"] == "one\ntwo: three"
    assert found["points"] == [(PHONE, "+49 170 5550010", "mobile")]


def test_lines_that_were_broken_without_a_mark(make_file: MakeFile) -> None:
    picture = base64.b64encode(PICTURE).decode()
    text = lines(
        "FN:Anna Berg",
        "NOTE:first",
        "second without a mark",
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:" + picture[:60],
        *[picture[i : i + 70] for i in range(60, len(picture), 70)],
        "",
        "TITLE:Head",
    )
    found = values(make_file(text, "a.vcf"))
    assert (found["description"], found["job_title"]) == ("first\nsecond without a mark", "Head")
    assert found["attachments"][0].kept.content() == PICTURE


def test_bytes_that_are_text_and_bytes_of_a_property_of_ones_own(make_file: MakeFile) -> None:
    text = lines(
        "FN;ENCODING=BASE64:" + base64.b64encode("Jörg".encode()).decode(),
        "NOTE;ENCODING=BASE64:not quite",
        "X-VOICE;ENCODING=b:" + base64.b64encode(b"RIFF1234WAVE").decode(),
    )
    found = values(make_file(text, "a.vcf"))
    assert found["name"] == "Jörg"
    (file,) = found["attachments"]
    assert (file.name, file.media_type) == ("x-voice.wav", "audio/wav")


def test_escapes_and_quoted_parameters(make_file: MakeFile) -> None:
    text = lines(
        r"FN:Berg\, Anna\; Dr.",
        r"ORG:A\;B\, Inc.;Sales;North",
        'TEL;TYPE="work,voice";X-NOTE="a:b;c":+49 228 5550001',
        r"URL:http\://berg.example/a\,b",
        r"NOTE:line\nline\\n C:\Data",
    )
    found = values(make_file(text, "a.vcf"))
    assert (found["name"], found["company"]) == ("Berg, Anna; Dr.", "A;B, Inc.")
    assert found["points"] == [
        (PHONE, "+49 228 5550001", "work"),
        (SITE, "http://berg.example/a,b", None),
    ]
    assert found["description"].startswith("line\nline\\n C:\\Data")
    assert "Department: Sales, North" in found["description"]


# ---- cards


def test_broken_cards_do_not_take_the_others_along(make_file: MakeFile) -> None:
    text = (
        "some words before\r\n"
        + lines("FN:Anna Berg")
        + "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo Lund\r\n"
        + lines("FN:", "N:;;;;")
        + "\r\n\r\nwords between\r\n"
        + lines("FN:Cara Dahl")
        + "FN:Dan Ek\r\nEND:VCARD\r\n"
        + "BEGIN:VCARD\r\nFN:Eva Falk"
    )
    found = rows(make_file(text, "a.vcf"))
    names = [
        row.given.values.get("name") if row.given else row.problem.split(".")[0] for row in found
    ]
    outside = "These lines stand outside of any card"
    nobody = "This card names nobody: it has no name, no e-mail and no phone"
    assert names == [
        outside, "Anna Berg", "Bo Lund", nobody, outside, "Cara Dahl", "Dan Ek", "Eva Falk",
    ]  # fmt: skip
    assert [row.number for row in found] == list(range(1, 9))
    remarks = [row.given.problems[-1][2] for row in found if row.given and row.given.problems]
    assert len(remarks) == 3  # no END, no BEGIN, cut off
    assert "words between" in found[4].cells[-1]


def test_a_card_whose_first_line_is_broken_is_one_by_its_name(make_file: MakeFile) -> None:
    found = values(make_file(lines("FN:Anna Berg").removeprefix("BEGIN:V"), "a.vcf"))
    assert found["name"] == "Anna Berg"


def test_a_card_within_a_card_is_its_agents(make_file: MakeFile) -> None:
    text = lines("FN:Anna Berg", "AGENT:", *lines("FN:Bo Lund").splitlines(), "TITLE:Head")
    found = values(make_file(text, "a.vcf"))
    assert (found["name"], found["job_title"]) == ("Anna Berg", "Head")


@pytest.mark.parametrize(
    ("texts", "kind", "name", "company"),
    [
        (("FN:Berg GmbH", "ORG:Berg GmbH", "X-ABShowAs:COMPANY"), "company", "Berg GmbH", None),
        (("FN:Berg GmbH", "N:Berg GmbH;;;;", "ORG:Berg GmbH"), "company", "Berg GmbH", None),
        (("FN:Berg", "KIND:org", "N:;;;;"), "company", "Berg", None),
        (("ORG:Berg GmbH;Sales", "TEL:+49 228 5550001"), "company", "Berg GmbH", None),
        (("FN:Berg GmbH", "N:Berg;Anna;;;", "ORG:Berg GmbH"), "contact", "Anna Berg", "Berg GmbH"),
        (("FN:Anna Berg", "ORG:Berg GmbH"), "contact", "Anna Berg", "Berg GmbH"),
        (("N:Berg;Anna;M.;Dr.;jr.",), "contact", "Dr. Anna M. Berg jr.", None),
        (("NICKNAME:Anni", "FN:", "ORG:Berg GmbH"), "contact", "Anni", "Berg GmbH"),
    ],
)
def test_who_is_a_person_and_who_a_company(
    make_file: MakeFile, texts: tuple[str, ...], kind: str, name: str, company: str | None
) -> None:
    (row,) = rows(make_file(lines(*texts), "a.vcf"))
    assert row.given is not None
    assert (row.given.kind, row.given.values["name"]) == (kind, name)
    assert row.given.values.get("company") == company


@pytest.mark.parametrize("kind", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group", "KIND:location"])
def test_a_list_and_a_place_are_nobody(
    workspace: Workspace, make_file: MakeFile, kind: str
) -> None:
    text = lines("FN:Friends", kind) + lines("FN:Anna Berg")
    (result,) = take(workspace, make_file(text, "a.vcf"))
    assert counts(result) == {"created": 1, "failed": 1}
    (problem,) = result.tally.problems
    assert problem.row == 1
    assert "neither" in problem.reason or "own cards" in problem.reason


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("BDAY:19801224", "1980-12-24", ""),
        ("BDAY:1980-12-24T10:00:00Z", "1980-12-24", ""),
        ("BDAY;VALUE=date:1980-12-24", "1980-12-24", ""),
        ("BDAY;VALUE=text:24 December 1980", "1980-12-24", ""),
        ("BDAY:24.12.1980", "1980-12-24", ""),
        ("BDAY:--1224", None, "12-24"),
        ("BDAY:--12-24", None, "12-24"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-24", None, "12-24"),
        ("BDAY:1980", None, "1980"),
        ("BDAY:03/04/1980", None, "03/04/1980"),
        ("BDAY:1980-13-41", None, "1980-13-41"),
        ("BDAY;VALUE=text:circa 1800", None, "circa 1800"),
    ],
)
def test_birthdays(make_file: MakeFile, text: str, day: str | None, said: str) -> None:
    found = values(make_file(lines("FN:Anna Berg", text), "a.vcf"))
    assert found.get("birthday") == (date.fromisoformat(day) if day else None)
    assert ("Birthday: " + said in found.get("description", "")) is bool(said)


def test_ways_to_be_reached_keep_their_labels_and_order(make_file: MakeFile) -> None:
    text = lines(
        "FN:Anna Berg",
        "item1.EMAIL;type=INTERNET:a@x.example",
        "item1.X-ABLabel:_$!<HomePage>!$_",
        "EMAIL;TYPE=work,pref:b@x.example",
        "TEL;TYPE=work,fax:+49 228 5550001",
        "TEL;VALUE=uri;TYPE=cell:tel:+49-170-5550010;ext=7",
        "TEL;TYPE=home:no digits",
        "IMPP;X-SERVICE-TYPE=Skype:skype:anna.b",
        "X-SOCIALPROFILE;type=twitter;x-user=anna:x-apple:anna_t",
        "X-AIM:anna.b",
        "URL;TYPE=work:berg.example",
    )
    (row,) = rows(make_file(text, "a.vcf"))
    assert row.given is not None
    assert row.given.values["points"] == [
        (EMAIL, "b@x.example", "work"),
        (EMAIL, "a@x.example", "home page"),
        (PHONE, "+49-170-5550010 ext. 7", "mobile"),
        (PHONE, "+49 228 5550001", "work fax"),
        (SITE, "berg.example", "work"),
        (SOCIAL, "anna.b", "Skype / AIM"),
        (SOCIAL, "anna", "twitter"),
    ]
    assert [problem[1] for problem in row.given.problems] == ["no digits"]
    assert "Phone: no digits" in row.given.values["description"]


def test_what_has_no_field_stands_in_the_description(make_file: MakeFile) -> None:
    text = lines(
        "FN:Anna Berg",
        "NOTE:hello",
        "X-MS-MANAGER:Big Boss",
        "RELATED;TYPE=friend:Bo",
        "item1.X-ABDATE:2001-02-03",
        "item1.X-ABLabel:_$!<Anniversary>!$_",
        "X-LONG:" + "x" * 9_000,
        "PRODID:-//Some//Program//EN",
    )
    (row,) = rows(make_file(text, "a.vcf"))
    assert row.given is not None
    description = row.given.values["description"]
    assert description.startswith("hello\n\nManager: Big Boss\nRelated (friend): Bo\n")
    assert "anniversary: 2001-02-03" in description
    assert "Program" not in description
    assert len(description) < 5_000
    assert [problem[0] for problem in row.given.problems] == ["Long"]


def test_addresses_have_their_parts(make_file: MakeFile) -> None:
    text = lines(
        "FN:Anna Berg",
        r"ADR;TYPE=work:77;Floor 2;Ring 1\, Hof;Bonn;NRW;53111;Germany",
        "ADR;TYPE=home,pref:;;Weg 3;Ulm",
        "LABEL;TYPE=work:Ring 1\\nBonn",
    )
    found = values(make_file(text, "a.vcf"))
    assert found["addresses"] == [
        {"label": "home", "street": "Weg 3", "city": "Ulm"},
        {"label": "work", "street": "Ring 1, Hof\nFloor 2\nP.O. Box 77", "city": "Bonn",
         "region": "NRW", "postal_code": "53111", "country": "Germany"},
    ]  # fmt: skip
    assert found["city"] == "Ulm"


# ---- jCard

JCARD: list[Any] = [
    "vcard",
    [
        ["version", {}, "text", "4.0"],
        ["fn", {}, "text", "Anna Berg"],
        ["n", {}, "text", ["Berg", "Anna", ["M.", "N."], "", ""]],
        ["email", {"type": ["work", "pref"], "group": "I1"}, "text", "anna@x.example"],
        ["x-ablabel", {"group": "i1"}, "text", "Desk"],
        ["tel", {"type": "cell"}, "uri", "tel:+49-170-5550010"],
        ["adr", {}, "text", ["", "", ["Ring 1", "Hof"], "Bonn", "", "53111", "DE"]],
        ["categories", {}, "text", "VIP", "a,b"],
        ["bday", {}, "date", "1980-12-24"],
        ["note", {}, "text", "one; two, three\nfour"],
        ["photo", {}, "uri", "data:image/jpeg;base64," + base64.b64encode(PICTURE).decode()],
    ],
]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_jcard(make_file: MakeFile, encoding: str, several: bool) -> None:
    text = json.dumps([JCARD, JCARD] if several else JCARD, indent=1)
    found = rows(make_file(text, "people.json", encoding=encoding))
    assert len(found) == 1 + several
    for row in found:
        assert row.given is not None
        said = row.given.values
        assert (said["name"], said["middle_name"]) == ("Anna Berg", "M. N.")
        assert said["points"] == [
            (EMAIL, "anna@x.example", "Desk"),
            (PHONE, "+49-170-5550010", "mobile"),
        ]
        assert said["tags"] == ("VIP", "a,b")
        assert said["birthday"] == date(1980, 12, 24)
        assert said["description"] == "one; two, three\nfour"
        assert said["attachments"][0].kept.content() == PICTURE


def test_broken_jcard_tells_where_it_ends(make_file: MakeFile) -> None:
    text = json.dumps([JCARD, ["vcard"], ["vcard", [["fn"], 7]], JCARD])[:-40]
    first, second, third, last = rows(make_file(text, "people.json"))
    assert first.given is not None
    assert "no jCard" in second.problem
    assert "names nobody" in third.problem
    assert "breaks off" in last.problem


# ---- what is not a card, and what is too much


@pytest.mark.parametrize(
    "text",
    [
        "Name,Email\nBEGIN:VCARD,x\n",
        "From: a@x.example\n\nBEGIN:VCARD\nEND:VCARD\n",
        '["vcards", []]',
    ],
)
def test_a_table_and_a_mail_are_no_cards(make_file: MakeFile, text: str) -> None:
    path = make_file(text, "a.txt")
    head = path.read_bytes()
    raw = open_raw(path, head, encoding=None, delimiter=None, sheet=None)
    assert raw.dialect.format not in {"vcard", "jcard"}


def test_an_endless_line_is_refused_and_the_next_card_is_read(make_file: MakeFile) -> None:
    text = lines("FN:Anna Berg", "NOTE:" + "x" * (MAX_CARD + 5)) + lines("FN:Bo Lund")
    path = make_file(text, "a.vcf")
    first, second = rows(path)
    assert "more than 32,000,000 characters" in first.problem
    assert second.given is not None


def test_a_picture_that_is_too_large_or_no_picture_is_left_out(make_file: MakeFile) -> None:
    text = lines(
        "FN:Anna Berg",
        "PHOTO;ENCODING=b:" + "A" * 14_000_000,
        "LOGO;ENCODING=b:?!",
        "PHOTO:https://x.example/p.jpg",
    )
    (row,) = rows(make_file(text, "a.vcf"))
    assert row.given is not None
    assert "attachments" not in row.given.values
    assert [problem[0] for problem in row.given.problems] == ["Photo", "Logo"]
    assert row.given.values["description"] == "Photo: https://x.example/p.jpg"


def test_ten_thousand_properties_take_no_time(make_file: MakeFile) -> None:
    hard = ['TEL;X="' + ":" * 4_000, 'A;B="' + '"' * 4_000, ";" * 4_000, "\\" * 4_000 + ":"] * 100
    text = lines("FN:Anna Berg", *hard, *["EMAIL:a@x.example"] * 2_000)
    path = make_file(text, "a.vcf")
    started = time.monotonic()
    assert len(rows(path)) == 1
    assert time.monotonic() - started < 5


# ---- into a workspace and out again


def attached(session: Session) -> list[tuple[str, str, bytes]]:
    statement = (
        select(AttachmentLink.name, AttachmentLink.media_type, Attachment.content)
        .join(Attachment, Attachment.id == AttachmentLink.attachment_id)
        .order_by(AttachmentLink.id)
    )
    return [(name, media_type, content) for name, media_type, content in session.execute(statement)]


def stored(workspace: Workspace) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return everything but the imports themselves, which stay in their list."""
    return {
        kind: found for kind, found in snapshot(workspace).items() if not kind.startswith("import_")
    }


def photo(content: bytes) -> str:
    return "PHOTO;ENCODING=b;TYPE=JPEG:" + base64.b64encode(content).decode()


def test_pictures_are_kept_once_and_go_with_the_import(
    store: Workspace, make_file: MakeFile
) -> None:
    empty = stored(store)
    text = (
        lines("FN:Anna Berg", "UID:1", photo(PICTURE))
        + lines("FN:Bo Lund", "UID:2", photo(PICTURE))
        + lines("FN:Berg GmbH", "ORG:Berg GmbH", photo(PICTURE))
        + lines("FN:Cara Dahl", "UID:4", photo(b"\x89PNG\r\n\x1a\n" + b"2" * 9))
    )
    file = make_file(text, "a.vcf")
    (result,) = take(store, file, chunk=2)
    assert counts(result) == {"created": 4}
    assert read(store, attached) == [
        ("photo.jpg", "image/jpeg", PICTURE),
        ("photo.jpg", "image/jpeg", PICTURE),
        ("photo.jpg", "image/jpeg", PICTURE),
        ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"2" * 9),
    ]
    assert read(store, lambda s: s.scalar(select(func.count(Attachment.id)))) == 2
    (again,) = take(store, file)
    assert counts(again) == {"unchanged": 4}
    undo_batches(store, [batch for batch in (again.batch_id, result.batch_id) if batch])
    assert stored(store) == empty


def test_a_picture_that_comes_later_is_undone_alone(
    workspace: Workspace, make_file: MakeFile
) -> None:
    take(workspace, make_file(lines("FN:Anna Berg", "UID:1"), "a.vcf"))
    before = stored(workspace)
    later = make_file(lines("FN:Anna Berg", "UID:1", photo(PICTURE)), "b.vcf")
    dry, real = take(workspace, later, dry=True)[0], take(workspace, later)[0]
    assert counts(dry) == counts(real) == {"updated": 1}
    assert len(read(workspace, attached)) == 1
    assert real.batch_id is not None
    undo_batches(workspace, [real.batch_id])
    assert stored(workspace) == before


def test_the_same_person_is_found_again(store: Workspace, make_file: MakeFile) -> None:
    take(store, make_file(lines("FN:Anna Berg", "UID:urn:uuid:77", "EMAIL:a@x.example"), "a.vcf"))
    newer = make_file(lines("FN:Anna Lund", "UID:77", "TITLE:Head"), "b.vcf")
    assert counts(take(store, newer)[0]) == {"updated": 1}
    without = make_file(lines("FN:Anna Lund", "EMAIL:A@x.example", "TITLE:Head"), "c.vcf")
    assert counts(take(store, without)[0]) == {"unchanged": 1}
    assert read(store, lambda s: s.scalars(select(ExternalId.value)).all()) == ["77"]
    assert read(store, lambda s: s.scalars(select(Contact.name)).all()) == ["Anna Lund"]


def test_nobody_but_a_number_is_somebody(workspace: Workspace, make_file: MakeFile) -> None:
    file = make_file(lines("TEL;CELL:+49 170 5550010", version="2.1"), "a.vcf")
    assert counts(take(workspace, file)[0]) == {"created": 1}
    assert read(workspace, lambda s: s.scalars(select(Contact.name)).all()) == ["+49 170 5550010"]
    labels = read(workspace, lambda s: s.scalars(select(ContactPoint.label)).all())
    assert labels == ["mobile"]
    assert counts(take(workspace, file)[0]) == {"unchanged": 1}


def test_a_company_has_its_points_and_address(workspace: Workspace, make_file: MakeFile) -> None:
    text = lines("FN:Berg GmbH", "KIND:org", "EMAIL:info@berg.example", "URL:berg.example",
                 "ADR:;;Ring 1;Bonn;;53111;Germany", version="4.0")  # fmt: skip
    file = make_file(text, "a.vcf")
    take(workspace, file)
    found = read(
        workspace, lambda s: s.execute(select(Company.name, Company.domain, Company.country)).one()
    )
    assert tuple(found) == ("Berg GmbH", "berg.example", "Germany")
    assert counts(take(workspace, file)[0]) == {"unchanged": 1}


def test_what_is_read_crosses_to_another_process(make_file: MakeFile) -> None:
    file = make_file(lines("FN:Anna Berg", photo(PICTURE)), "a.vcf")
    plan = pickle.loads(pickle.dumps(plan_file(file)))  # noqa: S301  our own bytes
    (row,) = plan.table.rows()
    (again,) = [pickle.loads(pickle.dumps(row))]  # noqa: S301  our own bytes
    assert again.given.values["attachments"][0].kept.content() == PICTURE


# ---- the writer

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=300
)
NAME = st.text(
    st.characters(categories=("L", "Nd", "Pd", "Po", "S", "Zs")), min_size=1, max_size=60
)


def tidy(text: str) -> str:
    return " ".join(text.split())


PEOPLE = st.fixed_dictionaries(
    {
        "name": NAME.map(tidy).filter(bool),
        "given_name": NAME.map(tidy),
        "family_name": NAME.map(tidy),
        "job_title": NAME.map(tidy),
        "description": TEXT.map(str.strip),
        "birthday": st.none() | st.dates(),
        "tags": st.lists(NAME.map(str.strip).filter(bool), max_size=3, unique=True).map(tuple),
        "external_id": st.text("abc-123:/", min_size=1, max_size=40),
        "points": st.lists(
            st.sampled_from(
                [
                    (EMAIL, "anna@x.example", "work"),
                    (EMAIL, "b+c@x.example", "Büro, links; oben"),
                    (PHONE, "+49 170 5550010 ext. 7", "mobile"),
                    (PHONE, "+49 228 5550001", "work fax"),
                    (PHONE, "+49 228 5550002", None),
                    (SITE, "https://berg.example/a,b;c?d=e:f", "home page"),
                    (SOCIAL, "anna.b", "Skype / AIM"),
                    (SOCIAL, "anna.c", None),
                ]
            ),
            unique=True,
            max_size=6,
        ),
        "addresses": st.lists(
            st.fixed_dictionaries(
                {"label": st.sampled_from(["home", "work", "Bei Oma", None])}
                | {key: NAME.map(lambda text: tidy(text).strip(" ,")) for key in ("street", "city")}
            ).filter(lambda address: address["street"] or address["city"]),
            max_size=2,
        ),
    }
)


@FILES
@given(people=st.lists(PEOPLE, min_size=1, max_size=3))
def test_what_is_written_is_read_as_the_same(tmp_path: Path, people: list[dict[str, Any]]) -> None:
    path = tmp_path / "out.vcf"
    assert write(path, people) == len(people)
    data = path.read_bytes()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    found = rows(path)
    assert len(found) == len(people)
    for person, row in zip(people, found, strict=True):
        assert row.given is not None
        assert not row.given.problems
        said = row.given.values
        for key in ("name", "external_id"):
            assert said[key] == person[key]
        for key in ("job_title", "description"):
            assert said.get(key, "") == person[key]
        for key in ("given_name", "family_name"):
            assert said.get(key, "") == person[key]
        assert said.get("birthday") == person["birthday"]
        assert said.get("tags", ()) == person["tags"]
        assert sorted(said.get("points", []), key=str) == sorted(person["points"], key=str)
        assert [
            (each["label"], each.get("street", ""), each.get("city", ""))
            for each in said.get("addresses", [])
        ] == [(each["label"], each["street"], each["city"]) for each in person["addresses"]]


def test_a_company_is_written_and_read_as_one(make_file: MakeFile) -> None:
    text = card(
        {"kind": "company", "name": "Berg; Söhne", "points": [(SITE, "berg.example", None)]}
    )
    (row,) = rows(make_file(text, "a.vcf"))
    assert row.given is not None
    assert (row.given.kind, row.given.values["name"]) == ("company", "Berg; Söhne")
    assert "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:org\r\n" in text


# ---- anything at all

WORDS = st.sampled_from(
    ["BEGIN:VCARD", "END:VCARD", "VERSION:2.1", "FN:Anna", "N:Berg;Anna", "EMAIL:a@x.example", "\n",
     "\r", "\r\n", "\r\n ", "=\r\n", ";", ":", ",", '"', "\\", "=", "PHOTO;BASE64:", "AGENT:",
     "NOTE;ENCODING=QUOTED-PRINTABLE:", "=C3", "=3B", ";CHARSET=", "utf-7", "item1.", "X-ABLabel:",
     "BDAY:--", "0000", "TEL;TYPE=", "tel:", "ÄÖ", "\x00", "\ufeff", "\u2028", "ADR:", "ORG:",
     "KIND:group", "data:,", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)  # fmt: skip


def accounted(path: Path) -> None:
    started = time.monotonic()
    table = open_table(path)
    found = list(table.rows())
    assert time.monotonic() - started < 5
    count: Any = table.raw
    assert count.count_rows() == len(found)
    for place, row in enumerate(found, start=1):
        assert row.number == place
        assert len(row.cells) == len(table.headers)
        assert (row.given is None) is bool(row.problem)
        "".join(row.cells).encode()  # no half letters


@FILES
@given(words=st.lists(WORDS, max_size=80), encoding=st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_no_card_breaks_the_reader(tmp_path: Path, words: list[str], encoding: str) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(("BEGIN:VCARD\n" + "".join(words)).encode(encoding, "replace"))
    accounted(path)


def test_broken_letters_in_a_label_are_no_half_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(
        lines("FN:Anna Berg", "EMAIL;TYPE=caf@:a@x.example").encode().replace(b"@:", b"\xe9:")
    )
    accounted(path)
    assert values(path)["points"] == [(EMAIL, "a@x.example", "café")]


@FILES
@given(
    data=st.binary(max_size=400),
    cut=st.integers(0, 900),
    spliced=st.integers(0, 900),
)
def test_no_damage_breaks_the_reader(tmp_path: Path, data: bytes, cut: int, spliced: int) -> None:
    whole = (
        lines("FN:Jörg Berg", "N:Berg;Jörg;;;", "TEL;TYPE=home:+49 228 5550001", "ADR:;;a;b;c;d;e")
        + lines("FN;ENCODING=QUOTED-PRINTABLE:=C3=96=\r\nz", photo(PICTURE[:200]), version="2.1")
    ).encode()
    path = tmp_path / "a.vcf"
    path.write_bytes(b"BEGIN:VCARD\r\n" + whole[:cut] + data + whole[spliced:])
    accounted(path)


@FILES
@given(
    item=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
        | st.sampled_from(["fn", "n", "tel", "bday", "photo", "kind", "text", "uri"]),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=30,
    )
)  # fmt: skip
def test_no_jcard_breaks_the_reader(tmp_path: Path, item: Any) -> None:
    path = tmp_path / "a.json"
    text = json.dumps(
        [["vcard", [item, ["fn", {}, "text", "Anna"], [item, {}, "text", item]]], item]
    )
    path.write_text(text)
    accounted(path)


def test_deeply_nested_jcard_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('["vcard",[' + "[" * 100_000 + "]" * 100_000 + "]]")
    accounted(path)
