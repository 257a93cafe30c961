"""What the full-text index holds, and the triggers that keep it, for both dialects.

Triggers, because a flush listener would miss bulk writes. Each indexed row is one row of the index
under its own id; `owner` is the record to open (a phone number's contact, a message's ticket).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

# Run on each new SQLite connection: lists the words of the index, so that the beginning of a word
# can be turned into the few words there are (app.search).
VOCABULARY = "CREATE VIRTUAL TABLE temp.search_words USING fts5vocab(main, search_index, row)"


@dataclass(frozen=True, slots=True)
class Indexed:
    """One table in the index: SQL expressions over `{r}`, the row."""

    table: str
    title: str
    body: str
    kind: str = ""  # expression; the table's own name unless given
    owner: str = "{r}.id"
    when: str = ""  # further condition for a row to be indexed

    def live(self, row: str) -> str:
        """Return the condition for a row to be in the index."""
        parts = ["{r}.archived_at IS NULL", *([f"({self.when})"] if self.when else [])]
        return " AND ".join(parts).format(r=row)

    @property
    def kind_sql(self) -> str:
        """The expression for the kind of the record to open."""
        return self.kind or f"'{self.table}'"


def _words(*columns: str) -> str:
    return " || ' ' || ".join(f"coalesce({{r}}.{column}, '')" for column in columns)


_PERSON_OR_COMPANY = "CASE WHEN {r}.contact_id IS NOT NULL THEN 'contact' ELSE 'company' END"
_EITHER = "coalesce({r}.contact_id, {r}.company_id)"

INDEXED: tuple[Indexed, ...] = (
    Indexed("company", "{r}.name", _words("domain", "industry", "country", "description")),
    Indexed(
        "contact", "{r}.name", _words("job_title", "email", "phone", "phone_key", "city", "country")
    ),
    Indexed(
        "contact_point",
        "{r}.value",
        _words("normal"),
        kind=_PERSON_OR_COMPANY,
        owner=_EITHER,
        # A contact's primary e-mail and phone stand in the contact's own row already.
        when="{r}.contact_id IS NULL OR NOT {r}.is_primary OR {r}.kind NOT IN ('email', 'phone')",
    ),
    Indexed(
        "address",
        "coalesce({r}.street, '')",
        _words("postal_code", "city", "region", "country"),
        kind=_PERSON_OR_COMPANY,
        owner=_EITHER,
    ),
    Indexed("product", "{r}.name", _words("code", "category", "description")),
    Indexed("deal", "{r}.name", _words("description", "lost_note")),
    Indexed("activity", "coalesce({r}.subject, '')", _words("body")),
    Indexed("task", "{r}.title", _words("notes")),
    Indexed("appointment", "{r}.title", _words("location", "notes")),
    Indexed("ticket", "CAST({r}.number AS TEXT) || ' ' || {r}.subject", _words("category")),
    Indexed("ticket_message", "''", _words("body"), kind="'ticket'", owner="{r}.ticket_id"),
    Indexed("order", "{r}.number", _words("channel")),
    Indexed("campaign", "{r}.name", _words("description")),
    Indexed("lead_source", "{r}.name", "''"),
    Indexed("tag", "{r}.name", "''"),
    Indexed("user", "{r}.name", _words("email", "team", "region")),
    Indexed("custom_value", "''", _words("text"), kind="'custom_value'", owner="{r}.record_id"),
    Indexed("attachment_link", "{r}.name", "''"),
)


def install(connection: Connection) -> None:
    """Create the index and its triggers, then fill it."""
    statements = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)
    rebuild(connection)


def rebuild(connection: Connection) -> None:
    """Fill the index anew from the tables."""
    connection.exec_driver_sql("DELETE FROM search_index")
    id_column = "rowid" if connection.dialect.name == "sqlite" else "id"
    for source in INDEXED:
        connection.exec_driver_sql(
            f"INSERT INTO search_index ({id_column}, title, body, kind, owner) "  # noqa: S608  our own names
            f'SELECT {_values(source, "r")} FROM "{source.table}" AS r '
            f"WHERE {source.live('r')}"
        )


@contextmanager
def indexed_at_once(connection: Connection, ids: Mapping[str, Sequence[int]]) -> Iterator[None]:
    """Index the rows that the block inserts (their ids by table) in one statement per table.

    For bulk writes of any size, in one transaction: on SQLite each firing of a trigger on a virtual
    table is a savepoint that writes out FTS5's buffer, 200 µs a row against 20 µs in one statement.
    """
    sources = [source for source in INDEXED if ids.get(source.table)]
    if connection.dialect.name != "sqlite":
        yield
        return
    for source in sources:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS search_{source.table}_insert")
    yield  # an error rolls the transaction back, and the triggers with it
    for source in sources:
        connection.exec_driver_sql(
            "INSERT INTO search_index (rowid, title, body, kind, owner) "  # noqa: S608  our own names
            f"SELECT {_values(source, 'r')} FROM json_each(?) AS wanted "
            f'JOIN "{source.table}" AS r ON r.id = wanted.value WHERE {source.live("r")}',
            (json.dumps(list(ids[source.table])),),
        )
        connection.exec_driver_sql(_sqlite_insert_trigger(source))


def _values(source: Indexed, row: str) -> str:
    return ", ".join(
        part.format(r=row)
        for part in ("{r}.id", source.title, source.body, source.kind_sql, source.owner)
    )


def _sqlite_insert_trigger(source: Indexed) -> str:
    return (
        f'CREATE TRIGGER search_{source.table}_insert AFTER INSERT ON "{source.table}" '  # noqa: S608  our own names
        f"WHEN {source.live('NEW')} BEGIN "
        "INSERT INTO search_index (rowid, title, body, kind, owner) "
        f"VALUES ({_values(source, 'NEW')}); END"
    )


def _sqlite() -> list[str]:
    statements = [
        "CREATE VIRTUAL TABLE search_index USING fts5(title, body, kind, owner UNINDEXED, "
        "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
    ]
    for source in INDEXED:
        statements += [
            _sqlite_insert_trigger(source),
            f'CREATE TRIGGER search_{source.table}_delete AFTER DELETE ON "{source.table}" '  # noqa: S608  our own names
            "BEGIN DELETE FROM search_index WHERE rowid = OLD.id; END",
            f'CREATE TRIGGER search_{source.table}_update AFTER UPDATE ON "{source.table}" '  # noqa: S608  our own names
            f"WHEN {_differs(source)} BEGIN "
            "DELETE FROM search_index WHERE rowid = OLD.id; "
            "INSERT INTO search_index (rowid, title, body, kind, owner) "
            f"SELECT {_values(source, 'NEW')} WHERE {source.live('NEW')}; END",
        ]
    return statements


def _differs(source: Indexed) -> str:
    # Most updates (a stage, an owner) leave the words alone and should not pay for the index.
    pairs = [(source.title.format(r=x), source.body.format(r=x)) for x in ("OLD", "NEW")]
    (old_title, old_body), (new_title, new_body) = pairs
    return (
        f"{old_title} IS NOT {new_title} OR {old_body} IS NOT {new_body} "
        f"OR ({source.live('OLD')}) <> ({source.live('NEW')}) "
        f"OR {source.owner.format(r='OLD')} IS NOT {source.owner.format(r='NEW')}"
    )


_FOLD = r"""
CREATE OR REPLACE FUNCTION closeknit_fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(
        regexp_replace(normalize(coalesce(words, ''), NFKD), '[\u0300-\u036f]', '', 'g'),
        '[^[:alnum:]]+', ' ', 'g'))
$$
"""


def _postgresql() -> list[str]:
    statements = [
        _FOLD,
        "CREATE TABLE search_index (id bigint PRIMARY KEY, title text NOT NULL, "
        "body text NOT NULL, kind text NOT NULL, owner bigint NOT NULL, "
        "title_words tsvector GENERATED ALWAYS AS "
        "(to_tsvector('simple', closeknit_fold(title))) STORED, "
        "words tsvector GENERATED ALWAYS AS "
        "(to_tsvector('simple', closeknit_fold(title || ' ' || left(body, 200000)))) STORED)",
        "CREATE INDEX ix_search_index_words ON search_index USING gin (words)",
        "CREATE INDEX ix_search_index_title_words ON search_index USING gin (title_words)",
    ]
    for source in INDEXED:
        statements += [
            f"CREATE OR REPLACE FUNCTION search_{source.table}_kept() RETURNS trigger "  # noqa: S608  our own names
            "LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_OP <> 'INSERT' THEN DELETE FROM search_index WHERE id = OLD.id; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN NULL; END IF; "
            f"IF {source.live('NEW')} THEN "
            "INSERT INTO search_index (id, title, body, kind, owner) "
            f"VALUES ({_values(source, 'NEW')}); END IF; RETURN NULL; END $$",
            f"CREATE TRIGGER search_{source.table} AFTER INSERT OR UPDATE OR DELETE "
            f'ON "{source.table}" FOR EACH ROW EXECUTE FUNCTION search_{source.table}_kept()',
        ]
    return statements
