"""The words by which address books name columns: in English, German, French, Spanish, Italian, Dutch.

Folded: without accents and in small letters.
"""  # noqa: E501  data, kept on its line

from collections.abc import Mapping
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Of what or for what; the first that a header holds counts.
WHERE: Final[Mapping[str, frozenset[str]]] = {
    "home": _words(
        "home private privat privater private personal personnel personnelle domicile particular "
        "domicilio casa ab abitazione huis huisadres thuis prive residence"
    ),
    "work": _words(
        "work business office geschaftlich geschaftl dienstlich buro bureau professionnel "
        "professionnelle travail trabajo oficina uff ufficio lavoro werk werkadres zakelijk"
    ),
    "billing": _words("billing rechnung rechnungsadresse facturation facturacion"),
    "shipping": _words("shipping delivery lieferung lieferadresse livraison envio"),
    "mailing": _words("mailing"),
    "company": _words("company firma societe societa bedrijf organizacion compania"),
    "school": _words("school"),
    "other": _words(
        "other weitere weiterer weiteres andere anderer sonstige autre otro otra altro altra ander "
        "anders alternate alternative secondary secondaire second"
    ),
}
FAX: Final = _words("fax telefax telecopie telecopieur homefax faxnummer")
MOBILE: Final = _words(
    "mobile mobil cell cellphone handy mobiltelefon movil cellulare mobiele gsm portable "
    "mobilfunk handynummer whatsapp"
)
PHONE: Final = _words(
    "phone telephone telefon tel telefono telefoon rufnummer telefonnummer fon festnetz landline "
    "telefoonnummer"
)
# Where an address book is in this word's language, the others mean a phone by themselves.
ALONE: Final[Mapping[str, frozenset[str]]] = {
    "cellulare": _words("ufficio abitazione"),
    "movil": _words("particular"),
}
# Numbers of another sort, with the label they get; those marked need no word for phone beside them.
SORTS: Final[Mapping[str, tuple[frozenset[str], bool]]] = {
    "pager": (_words("pager buscapersonas localizador cercapersone radiomessagerie"), True),
    "car": (_words("car autotelefon voiture auto automovil autotelefoon automobile"), False),
    "assistant": (_words("assistant assistants assistent asistente assistente ayudante"), False),
    "main": (_words("main haupttelefon principal principale hoofdtelefoon"), False),
    "callback": (_words("callback ruckmeldung rappel terugbellen richiamata llamada"), True),
    "radio": (_words("radio radiotelefono radiotelefoon funkruf"), False),
    "telex": (_words("telex"), True),
    "ISDN": (_words("isdn rnis"), True),
    "TTY": (_words("tty tdd horbehinderte teksttelefoon"), False),
    "video": (_words("video"), False),
}
PHONES_BY_THEMSELVES: Final = _words(
    "haupttelefon autotelefon hoofdtelefoon autotelefoon radiotelefono radiotelefoon teksttelefoon"
)
EMAIL: Final = _words(
    "email emailadresse emailadres mailadresse mailadres courriel messagerie correo emails "
    "emailaddress"
)
EMAIL_PAIRS: Final = (("e", "mail"), ("posta", "elettronica"), ("posta", "el"))
WEBSITE: Final = _words("website webseite homepage webpage webpagina websites url")
WEBSITE_PAIRS: Final = (("web", "page"), ("web", "site"), ("web", "pagina"), ("site", "web"))
HANDLES: Final[Mapping[str, str]] = {
    "aim": "AIM", "icq": "ICQ", "jabber": "Jabber", "xmpp": "Jabber", "msn": "MSN",
    "skype": "Skype", "yahoo": "Yahoo", "qq": "QQ", "gtalk": "Google Talk",
    "telegram": "Telegram", "messenger": "Messenger",
}  # fmt: skip
# Parts of an address; the first that a header holds counts.
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "po_box": _words("box postfach postbus postbusnummer apartado boite casella pobox"),
    "postal_code": _words("zip postal plz postleitzahl postcode cap zipcode codigo postalcode"),
    "country": _words("country land pays pais paese"),
    "region": _words(
        "state province region bundesland kanton provincia provincie county dep departement estado"
    ),
    "city": _words("city town ort stadt ville ciudad citta plaats localita"),
    "street": _words("street strasse str rue calle via straat"),
}
WHOLE_ADDRESS: Final = _words("address adresse adres indirizzo direccion anschrift")
# What says something about a mail or a number instead of being one.
ABOUT: Final = _words(
    "type typ name nom nombre nome display angezeigter weergavenaam weergegeven visualizzato "
    "yomi id opt out in consent status count date verified valid bounced source confidence sent "
    "opened clicked replied format tipo count notiz note extension domain provider refused not "
    "do subscribed allowed marketing location ip book list"
)
SECRETS: Final = _words(
    "password passwd pwd passwort kennwort secret token salt apikey otp passphrase contrasena"
)
BIRTH: Final[Mapping[str, frozenset[str]]] = {
    "year": _words("year jahr annee ano anno jaar"),
    "month": _words("month monat mois mes mese maand"),
    "day": _words("day tag jour dia giorno dag"),
}
OF_BIRTH: Final = _words("birth geburt geburts naissance nacimiento nascita geboorte")
# What an address book says of a person that has no field, as headers without blanks.
NOTED: Final = _words(
    "nickname spitzname surnom nick maidenname spouse ehepartner partner conjoint conyuge coniuge "
    "echtgenoot anniversary jahrestag children kinder enfants hijos figli managersname manager "
    "assistantsname assistantname assistent department abteilung service afdeling reparto "
    "departamento hobby hobbies profession beruf referredby namesuffix suffix nameprefix "
    "organization1department organizationdepartment gender geschlecht sexe sexo sesso geslacht "
    "phoneticfirstname phoneticlastname phoneticmiddlename yominame givennameyomi familynameyomi "
    "office officelocation mileage initials governmentidnumber organizationalidnumber photo anrede "
    "titre titulo titolo titel custom1 custom2 custom3 custom4 user1 user2 user3 user4 "
    "benutzer1 benutzer2 benutzer3 benutzer4"
)
# Words of address books for fields that every table may have.
PLAIN: Final[Mapping[str, str]] = {
    "fonction": "job_title", "posizione": "job_title", "functie": "job_title",
    "organizacion": "company", "organizacioncompania": "company", "cumpleanos": "birthday",
    "compleanno": "birthday", "verjaardag": "birthday", "paginaweb": "website",
    "webpagina": "website", "notas": "description", "notities": "description",
    "deuxiemeprenom": "middle_name", "segundonombre": "middle_name", "secondonome": "middle_name",
    "middelstenaam": "middle_name", "weiterevornamen": "middle_name", "categorias": "tags",
    "categorie": "tags", "categorieen": "tags", "categorien": "tags", "kategorien": "tags",
}  # fmt: skip
