"""Tables of address books: each phone, mail and address with its label, whatever the language."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.plan import plan_file
from app.exchange.point_columns import NEVER_STORED, point_columns
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Address, Company, Contact, ContactPoint
from models.values import PointKind
from tests.app.exchange.conftest import MAVEN, MakeFile, counts, take
from tests.conftest import read, snapshot

REAL = MAVEN.parent
# File → people, distinct e-mail addresses, phone numbers, companies.
BOOKS = {
    # Its phones are words ("mainphone"): none has a digit, each is told as a problem.
    "addressbook-google/gmail_old_format.csv": (1, 4, 0, 1),
    "addressbook-outlook/outlook_all_columns.csv": (1, 3, 13, 1),
    "addressbook-thunderbird/tb_plain.csv": (1, 2, 0, 1),  # words as well
    "linkedin/Connections.csv": (10, 7, 0, 10),
    # INDEX counts 54 people: the last four rows are visitors of whom an address is all.
    "crm-mautic/fakeleaddata.csv": (50, 50, 50, 49),
    "crm-chatwoot/contacts_head5.csv": (5, 5, 0, 0),
    "commerce-magento/magento_customers.csv": (3, 3, 0, 0),
}
NOBODY = {"crm-mautic/fakeleaddata.csv": 4}
GERMAN = {
    "Vorname": "Anna",
    "Nachname": "Berg",
    "Firma": "Berg GmbH",
    "Position": "Leiterin",
    "Straße geschäftlich": "Hauptstr. 1",
    "Straße geschäftlich 2": "Hof 2",
    "Ort geschäftlich": "Bonn",
    "Postleitzahl geschäftlich": "53111",
    "Land/Region geschäftlich": "Deutschland",
    "Straße privat": "Gartenweg 3",
    "Ort privat": "Köln",
    "Telefon Assistent": "+49 228 5550001",
    "Fax geschäftlich": "+49 228 5550002",
    "Telefon geschäftlich": "+49 228 5550003",
    "Telefon geschäftlich 2": "+49 228 5550004",
    "Telefon (privat)": "+49 221 5550005",
    "Mobiltelefon": "+49 170 5550006",
    "E-Mail-Adresse": "anna@berg.example",
    "E-Mail-Typ": "SMTP",
    "E-Mail 2: Adresse": "anna2@berg.example",
    "E-Mail 2: Typ": "SMTP",
    "Geburtstag": "24.12.1980",
}
FRENCH = {
    "Prénom": "Luc",
    "Nom": "Martin",
    "Société": "Martin SA",
    "Fonction": "Directeur",
    "Rue (bureau)": "1 rue Haute",
    "Ville (bureau)": "Lyon",
    "Code postal (bureau)": "69001",
    "Pays/Région (bureau)": "France",
    "Rue (domicile)": "2 rue Basse",
    "Ville (domicile)": "Paris",
    "Télécopie (bureau)": "+33 1 55 55 00 02",
    "Téléphone (bureau)": "+33 1 55 55 00 03",
    "Téléphone (domicile)": "+33 1 55 55 00 07",
    "Tél. mobile": "+33 6 55 55 00 08",
    "Adresse de messagerie": "luc@martin.example",
    "Adresse de messagerie 2": "luc2@martin.example",
    "Anniversaire": "24/12/1980",
}
SPANISH = {
    "Nombre": "Ana",
    "Apellidos": "García",
    "Organización": "García SL",
    "Puesto": "Jefa",
    "Calle del trabajo": "Calle 1",
    "Ciudad de trabajo": "Madrid",
    "Código postal del trabajo": "28001",
    "País o región del trabajo": "España",
    "Calle del domicilio": "Calle 2",
    "Ciudad del domicilio": "Toledo",
    "Fax del trabajo": "+34 915 55 00 01",
    "Teléfono del trabajo": "+34 915 55 00 02",
    "Particular": "+34 915 55 00 04",
    "Móvil": "+34 655 55 00 06",
    "Dirección de correo electrónico": "ana@garcia.example",
    "Dirección de correo electrónico 2": "ana2@garcia.example",
    "Cumpleaños": "24/12/1980",
}
ITALIAN = {
    "Nome": "Ugo",
    "Cognome": "Rossi",
    "Società": "Rossi Srl",
    "Posizione": "Capo",
    "Via (uff.)": "Via A 1",
    "Città (uff.)": "Roma",
    "CAP (uff.)": "00100",
    "Paese/area geografica (uff.)": "Italia",
    "Via (ab.)": "Via B 2",
    "Città (ab.)": "Milano",
    "Fax (uff.)": "+39 06 5555 0001",
    "Ufficio": "+39 06 5555 0002",
    "Abitazione": "+39 02 5555 0006",
    "Cellulare": "+39 333 555 0008",
    "Indirizzo posta elettronica": "ugo@rossi.example",
    "Indirizzo posta elettronica 2": "ugo2@rossi.example",
    "Compleanno": "24/12/1980",
}
DUTCH = {
    "Voornaam": "Jan",
    "Achternaam": "Visser",
    "Bedrijf": "Visser BV",
    "Functie": "Chef",
    "Werkadres, straat": "Straat 1",
    "Werkadres, plaats": "Utrecht",
    "Werkadres, postcode": "3511",
    "Land/regio (werk)": "Nederland",
    "Huisadres, straat": "Straat 2",
    "Huisadres, plaats": "Delft",
    "Fax op werk": "+31 30 555 0002",
    "Telefoon op werk": "+31 30 555 0003",
    "Telefoon thuis": "+31 15 555 0008",
    "Mobiele telefoon": "+31 6 5555 0009",
    "E-mailadres": "jan@visser.example",
    "E-mailadres 2": "jan2@visser.example",
    "Verjaardag": "24-12-1980",
}


def points(session: Session, kind: PointKind) -> list[tuple[str, str | None]]:
    statement = (
        select(ContactPoint.value, ContactPoint.label)
        .where(ContactPoint.kind == kind)
        .order_by(ContactPoint.contact_id, ContactPoint.position)
    )
    return [(value, label) for value, label in session.execute(statement)]


def addresses(session: Session) -> list[tuple[Any, ...]]:
    statement = select(
        Address.label, Address.street, Address.postal_code, Address.city, Address.country
    ).order_by(Address.position)
    return [tuple(row) for row in session.execute(statement)]


def person(session: Session) -> Any:
    return session.execute(select(*Contact.__table__.columns)).one()


def stored(workspace: Workspace) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return everything but the imports themselves, which stay in their list."""
    return {
        kind: rows for kind, rows in snapshot(workspace).items() if not kind.startswith("import_")
    }


def row_of(values: dict[str, str]) -> list[list[str]]:
    return [list(values), list(values.values())]


@pytest.mark.parametrize("name", BOOKS)
def test_a_real_address_book_comes_in_whole(workspace: Workspace, name: str) -> None:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not in {REAL}")
    empty = stored(workspace)
    rows, emails, phones, companies = BOOKS[name]
    (result,) = take(workspace, path)
    nobody = {"failed": NOBODY[name]} if name in NOBODY else {}
    assert counts(result) == {"created": rows} | nobody
    assert len(read(workspace, points, kind=PointKind.EMAIL)) == emails
    assert len(read(workspace, points, kind=PointKind.PHONE)) == phones
    assert read(workspace, lambda s: s.scalar(select(func.count(Company.id)))) == companies
    (again,) = take(workspace, path)
    assert counts(again) == {"unchanged": rows} | nobody
    batches = [found.batch_id for found in (again, result) if found.batch_id is not None]
    undo_batches(workspace, batches)
    assert stored(workspace) == empty


def test_thunderbirds_birthday_stands_in_three_columns(
    workspace: Workspace, make_file: MakeFile
) -> None:
    head = ["First Name", "Last Name", "Birth Year", "Birth Month", "Birth Day"]
    people = [["Anna", "Berg", "1970", "11", "5"], ["Bo", "Lund", "1970", "", "5"]]
    (result,) = take(workspace, make_file([head, *people]), kind="contacts")
    born = read(workspace, lambda s: s.scalars(select(Contact.birthday).order_by(Contact.id)).all())
    assert [str(day) for day in born] == ["1970-11-05", "None"]
    assert [problem.row for problem in result.tally.problems] == [3]


@pytest.mark.parametrize(
    "book", [GERMAN, FRENCH, SPANISH, ITALIAN, DUTCH], ids=["de", "fr", "es", "it", "nl"]
)
def test_outlook_speaks_many_languages(
    workspace: Workspace, make_file: MakeFile, book: dict[str, str]
) -> None:
    file = make_file(row_of(book))
    (result,) = take(workspace, file)
    assert result.plan.kind == "contact"
    assert counts(result) == {"created": 1}
    assert not result.tally.problems
    found = read(workspace, person)
    given, family, company, title = list(book.values())[:4]
    assert (found.given_name, found.family_name, found.job_title) == (given, family, title)
    assert str(found.birthday) == "1980-12-24"
    assert read(workspace, lambda s: s.scalars(select(Company.name)).all()) == [company]
    texts = set(book.values())
    phones = dict(read(workspace, points, kind=PointKind.PHONE))
    assert set(phones) == {text for text in texts if text.startswith("+")}
    assert {"work", "work fax", "home", "mobile"} <= set(phones.values())
    emails = [text for text, _ in read(workspace, points, kind=PointKind.EMAIL)]
    assert emails == [text for text in book.values() if "@" in text]
    first, second = read(workspace, addresses)
    assert first[0] == "work"
    assert first[3] == found.city
    assert second[0] == "home"
    assert {first[2], first[4]} <= texts
    assert counts(take(workspace, file)[0]) == {"unchanged": 1}


def test_a_fax_is_not_the_first_number(workspace: Workspace, make_file: MakeFile) -> None:
    take(workspace, make_file(row_of(GERMAN)))
    labels = [label for _, label in read(workspace, points, kind=PointKind.PHONE)]
    assert labels[-2:] == ["assistant", "work fax"]
    assert read(workspace, person).phone == GERMAN["Mobiltelefon"]


def test_lines_of_a_street_are_one_street(workspace: Workspace, make_file: MakeFile) -> None:
    take(workspace, make_file(row_of(GERMAN)))
    assert read(workspace, addresses)[0][1] == "Hauptstr. 1\nHof 2"


GOOGLE_NEW = {
    "First Name": "Anna",
    "Middle Name": "",
    "Last Name": "Berg",
    "Phonetic First Name": "",
    "Nickname": "Anni",
    "Organization Name": "Berg GmbH",
    "Organization Title": "Head",
    "Birthday": "1980-12-24",
    "Notes": "hello",
    "Labels": "* myContacts ::: Friends",
    "E-mail 1 - Label": "Home",
    "E-mail 1 - Value": "anna@home.example",
    "E-mail 2 - Label": "* Work",
    "E-mail 2 - Value": "anna@berg.example ::: nobody ::: a2@berg.example",
    "Phone 1 - Label": "Mein Auto",
    "Phone 1 - Value": "+49 170 5550010",
    "Address 1 - Label": "Home",
    "Address 1 - Formatted": "Weg 1, Bonn",
    "Address 1 - Street": "Weg 1",
    "Address 1 - City": "Bonn",
    "Address 1 - PO Box": "77",
    "Address 1 - Postal Code": "53111",
    "Address 1 - Country": "DE",
    "Relation 1 - Label": "Spouse",
    "Relation 1 - Value": "Bo",
    "Website 1 - Label": "Profile",
    "Website 1 - Value": "berg.example",
}


def test_google_names_labels_in_the_row_and_several_values_in_a_cell(
    store: Workspace, make_file: MakeFile
) -> None:
    file = make_file(row_of(GOOGLE_NEW))
    (result,) = take(store, file)
    assert counts(result) == {"created": 1}
    assert read(store, points, kind=PointKind.EMAIL) == [
        ("anna@berg.example", "work"),
        ("a2@berg.example", "work"),
        ("anna@home.example", "home"),
    ]
    assert read(store, points, kind=PointKind.PHONE) == [("+49 170 5550010", "Mein Auto")]
    assert read(store, points, kind=PointKind.WEBSITE) == [("berg.example", "profile")]
    assert read(store, addresses) == [("home", "Weg 1\nP.O. Box 77", "53111", "Bonn", "DE")]
    assert [problem.column for problem in result.tally.problems] == ["E-mail 2 - Value"]
    found = read(store, person)
    assert (found.email, found.city) == ("anna@berg.example", "Bonn")
    assert found.description is not None
    assert {"hello", "Nickname: Anni", "Spouse: Bo"} <= set(found.description.splitlines())
    assert "nobody" in found.description
    assert counts(take(store, file)[0]) == {"unchanged": 1}


HEADERS = {
    "HubSpot contacts": "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,"
    "Lead Status,Contact owner,Associated Company",
    "Google Contacts": "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,"
    "Phonetic Last Name,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,"
    "Organization Name,Organization Title,Labels",
    "Dynamics contacts": "(Do Not Modify) Contact,(Do Not Modify) Row Checksum,"
    "(Do Not Modify) Modified On,Full Name,Email,Business Phone,Company Name",
    "Zoho contacts": "Record Id,First Name,Last Name,Account Name.id,Account Name,Email,Phone,"
    "Lead Source,Contact Owner",
    "LinkedIn connections": "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
}
INVENTED = {
    "First Name": "Anna",
    "Last Name": "Berg",
    "Full Name": "Anna Berg",
    "Email": "anna@berg.example",
    "Email Address": "anna@berg.example",
    "E-mail 1 - Value": "anna@berg.example",
    "Phone": "+49 228 5550001",
    "Phone Number": "+49 228 5550001",
    "Phone 1 - Value": "+49 228 5550001",
    "Business Phone": "+49 228 5550001",
    "Company": "Berg GmbH",
    "Company Name": "Berg GmbH",
    "Account Name": "Berg GmbH",
    "Associated Company": "Berg GmbH",
    "Organization Name": "Berg GmbH",
    "Record ID": "77",
    "Record Id": "zcrm_77",
    "URL": "https://linkedin.com/in/anna",
    "Connected On": "15 Jan 2023",
    "Position": "Head",
    "(Do Not Modify) Contact": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "(Do Not Modify) Modified On": "2024-01-02 10:00",
}


@pytest.mark.parametrize("title", HEADERS)
def test_headers_alone_are_recognised(
    workspace: Workspace, make_file: MakeFile, title: str
) -> None:
    head = HEADERS[title].split(",")
    bare = plan_file(make_file([head, [""] * len(head)], "bare.csv"))
    file = make_file([head, [INVENTED.get(each, "") for each in head]])
    (result,) = take(workspace, file)
    for plan in (bare, result.plan):
        assert plan.kind == "contact"
        assert plan.guess.layout is not None
        assert plan.guess.layout.title == title
    assert counts(result) == {"created": 1}
    found = read(workspace, person)
    assert (found.name, found.email) == ("Anna Berg", "anna@berg.example")
    assert read(workspace, lambda s: s.scalars(select(Company.name)).all()) == ["Berg GmbH"]
    assert counts(take(workspace, file)[0]) == {"unchanged": 1}


def test_a_generic_table_keeps_each_phone_with_its_label(
    workspace: Workspace, make_file: MakeFile
) -> None:
    head = ["Name", "Phone", "Phone 2", "Work phone", "Mobile", "Fax", "Home Street", "Home City",
            "Work Street", "Work City"]  # fmt: skip
    numbers = [f"+49 228 555000{n}" for n in range(1, 6)]
    row = ["Anna Berg", *numbers, "Weg 1", "Bonn", "Ring 2", "Ulm"]
    take(workspace, make_file([head, row]))
    found = dict(read(workspace, points, kind=PointKind.PHONE))
    assert found == dict(zip(numbers, [None, None, "work", "mobile", "fax"], strict=True))
    assert [(each[0], each[1], each[3]) for each in read(workspace, addresses)] == [
        ("home", "Weg 1", "Bonn"),
        ("work", "Ring 2", "Ulm"),
    ]


def test_a_person_of_whom_only_a_labelled_number_is_known_comes_in(
    workspace: Workspace, make_file: MakeFile
) -> None:
    head = ["First name", "Home phone", "Work phone", "Home e-mail", "Work e-mail"]
    rows = [["", "+49 228 5550001", "", "", ""], ["", "", "", "", "bo@x.example"]]
    (result,) = take(workspace, make_file([head, *rows]))
    assert counts(result) == {"created": 2}
    names = read(workspace, lambda s: s.scalars(select(Contact.name).order_by(Contact.id)).all())
    assert names == ["+49 228 5550001", "bo@x.example"]


def test_secrets_of_other_programs_are_left_out_and_said_to_be(make_file: MakeFile) -> None:
    head = ["name", "email", "password_hash", "rp_token", "apiKey", "passport number"]
    plan = plan_file(make_file([head, ["Anna Berg", "a@x.example", "0:3:abc", "t", "k", "p"]]))
    left = {c.header for c in plan.guess.columns if c.field is None and c.reason == NEVER_STORED}
    assert left == {"password_hash", "rp_token"}


def test_tables_of_other_kinds_have_no_such_columns() -> None:
    head = ["Home Phone", "Work Phone", "Phone 2 - Value"]
    assert point_columns(head, [], "deal") == {}
    assert set(point_columns(head, [], "contact").values()) == {
        "phone:home",
        "phone:work",
        "phone:2",
    }


def test_a_label_column_beyond_the_row_is_no_label(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    file.write_text("Name,Phone 1 - Value,Phone 1 - Type\nAnna Berg,+49 228 5550001\n")
    take(workspace, file)
    assert read(workspace, points, kind=PointKind.PHONE) == [("+49 228 5550001", None)]
