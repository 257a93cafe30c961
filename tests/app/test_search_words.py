"""With the list of the index's words search finds the same as without, by other statements."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from app.search import matching_ids, search
from app.workspace import Workspace
from models.ids import new_id
from models.records import Contact
from models.search_index import VOCABULARY
from models.values import fold, name_key
from tests.conftest import run

PEOPLE = (
    "Jürgen Groß", "Juergen Grossmann", "محمد الأحمد", "Élodie Lefèvre", "Þóra Jónsdóttir",
    "Anna Novak", "Annabel Novakova", "Anna-Lena Öström", "Anna Åberg", "Strasz Straßer",
)  # fmt: skip
TYPED = (
    "an", "ann", "anna", "annab", "anna n", "n anna", "novak", "novako", "nova anna", "gross",
    "groß", "grossm", "juer", "elod", "lefev", "stra", "strass", "straß", "þóra", "jons", "محمد",
    "zzzz", "anna zzzz", "example", "exam", "a n", "j g", "a z", "z q", "o a", "1234", "per1",
)  # fmt: skip


@pytest.fixture
def path(workspace: Workspace, workspace_path: Path) -> Path:
    def make(session: Session) -> None:
        for number, name in enumerate((*PEOPLE, *(f"Per{n} Example" for n in range(60)))):
            session.add(
                Contact(
                    id=new_id(),
                    name=name,
                    name_key=name_key(name),
                    sort_name=fold(name),
                    email=f"p{number}@example.test",
                )
            )

    run(workspace, make)
    return workspace_path


def opened(path: Path, *, vocabulary: bool) -> Iterator[tuple[Session, list[str]]]:
    """Give a session with or without the list of words, and the queries put to the index."""
    engine = create_engine(f"sqlite:///{path}", module=pysqlite3.dbapi2)

    def connected(connection: Any, _record: Any) -> None:
        if vocabulary:
            connection.execute(VOCABULARY)

    queries: list[str] = []

    def executing(_c: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        if "MATCH" in statement:
            queries.append(str(given[0]))

    event.listen(engine, "connect", connected)
    event.listen(engine, "before_cursor_execute", executing)
    with Session(engine) as session:
        yield session, queries
    engine.dispose()


@pytest.fixture
def plain(path: Path) -> Iterator[tuple[Session, list[str]]]:
    yield from opened(path, vocabulary=False)


@pytest.fixture
def listed(path: Path) -> Iterator[tuple[Session, list[str]]]:
    yield from opened(path, vocabulary=True)


@pytest.mark.parametrize("typed", TYPED)
def test_the_same_is_found(
    plain: tuple[Session, list[str]], listed: tuple[Session, list[str]], typed: str
) -> None:
    assert search(listed[0], typed) == search(plain[0], typed)
    assert matching_ids(listed[0], typed, "contact") == matching_ids(plain[0], typed, "contact")


def test_one_common_word_is_walked_not_gathered(listed: tuple[Session, list[str]]) -> None:
    session, queries = listed
    assert search(session, "exam")
    assert all('"example"' in query and "*" not in query for query in queries)


def test_a_word_that_is_nowhere_ends_the_search(listed: tuple[Session, list[str]]) -> None:
    session, queries = listed
    assert search(session, "anna zzzz") == []
    assert queries == []


def test_letters_alone_find_words_that_begin_so(listed: tuple[Session, list[str]]) -> None:
    assert {hit.title for hit in search(listed[0], "a n")} == {"Anna Novak", "Annabel Novakova"}


def test_a_new_word_is_known_at_once(workspace: Workspace, path: Path) -> None:
    for session, _ in opened(path, vocabulary=True):
        assert search(session, "quokka") == []
        session.rollback()

        def rename(other: Session) -> None:
            contact = other.query(Contact).filter_by(name="Anna Novak").one()
            contact.name = "Anna Quokkason"

        run(workspace, rename)
        assert [hit.title for hit in search(session, "quokka")] == ["Anna Quokkason"]
        assert session.scalar(text("SELECT count(*) FROM temp.search_words")) > 0
