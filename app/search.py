"""Finds any record by the words in it, on both dialects.

Never ranks a whole match set in SQL (91 to 222 ms at a million rows): takes up to 200 matches of
each group and ranks those here.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.orm import Session

from models.records import Contact
from models.values import fold

MIN_LETTERS = 2
_TAKEN = 200  # of people and companies
_TAKEN_OF_OTHERS = 60
_PER_KIND = 60
_LOOKED_AT = 1_000  # matches of longer words in which words of one letter are looked for
_TELLING = 4  # letters from which on the words inside texts are searched whatever titles match
_WORD = re.compile(r"[^\W_]+")
_SECOND_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ßøæœðþłđı"
_PREFIX_KEPT = 3  # letters of the longest beginning that the index keeps on SQLite
_MANY_TERMS = 40
_MATCHES_PER_TERM = 300  # gathering so many takes as long as walking one word more
_HAS_VOCABULARY = "closeknit_search_words"

_SQLITE = "SELECT title, kind, owner FROM search_index WHERE search_index MATCH ? LIMIT ?"
_SQLITE_TEXTS = (
    "SELECT title, kind, owner, body FROM search_index WHERE search_index MATCH ? LIMIT ?"
)
_VOCABULARY = "SELECT term, doc FROM temp.search_words WHERE term >= ? AND term < ? LIMIT ?"

GROUPS: tuple[tuple[str, ...], ...] = (
    ("contact",),
    ("company",),
    ("deal",),
    ("ticket",),
    ("task", "appointment"),
    ("product", "order", "campaign", "lead_source", "tag", "user"),
    ("activity",),
    ("custom_value", "attachment_link"),
)
_ALL_KINDS = tuple(kind for group in GROUPS for kind in group)
_UNTITLED = frozenset({"custom_value"})
# What a person most likely looks for stands first among equals.
_WEIGHT = {"contact": 6, "company": 6, "deal": 4, "ticket": 4, "product": 3, "task": 2}


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record to open: its kind and id, the title to show and how well it fits (higher first)."""

    kind: str
    id: int
    title: str
    score: float


def search_words(typed: str) -> list[str]:
    """Return the words of what was typed, without accents, as the index keeps them."""
    return _WORD.findall(_plain(typed))[:12]


def _plain(words: str) -> str:
    if words.isascii():
        return words.lower()
    plain = unicodedata.normalize("NFKD", words).lower()
    return "".join(c for c in plain if not unicodedata.combining(c))


def _spellings(word: str) -> tuple[str, ...]:
    # The index keeps ß as a letter of its own; people type either.
    return (word, word.replace("ss", "ß")) if "ss" in word else (word,)


def search(
    session: Session, typed: str, kinds: Collection[str] | None = None, limit: int = 30
) -> list[SearchHit]:
    """Return the best matches of all words, each as a word's beginning; from two letters on."""
    words = search_words(typed)
    if sum(map(len, words)) < MIN_LETTERS:
        return []
    wanted = set(_ALL_KINDS if kinds is None else kinds)
    groups = [part for group in GROUPS if (part := tuple(k for k in group if k in wanted))]
    index = _index(session, words)
    # Titles first: among 20,000 matches the first 200 might hold no name at all.
    by_group = {part: _matches(index, part, title_only=True) for part in groups}
    # Two letters stand in some word of every text; names that many suffice.
    few = sum(map(len, by_group.values())) < _PER_KIND or sum(map(len, words)) >= _TELLING
    for part, hits in by_group.items():
        if few and len(hits) < _PER_KIND:
            for key, match in _matches(index, part, title_only=False).items():
                hits[key] = max(match, hits.get(key, match))
    found: dict[tuple[str, int], SearchHit] = {}
    for hits in by_group.values():
        for key in sorted(hits, key=hits.__getitem__, reverse=True)[:_PER_KIND]:
            score, title = hits[key]
            found[key] = SearchHit(*key, title, score)
    if "contact" in wanted:
        for hit in _people_of_companies(session, found.values()):
            known = found.get((hit.kind, hit.id))
            if known is None or known.score < hit.score:
                found[hit.kind, hit.id] = hit
    best = sorted(found.values(), key=lambda hit: (-hit.score, hit.title, hit.id))
    return _spread(best, limit)


def _spread(best: list[SearchHit], limit: int) -> list[SearchHit]:
    """Return the best, but keep room for every kind: sixty people must not hide the one deal."""
    if len(best) <= limit:
        return best
    share = max(limit // 5, 1)
    seen: dict[str, int] = {}
    first: list[SearchHit] = []
    rest: list[SearchHit] = []
    for hit in best:
        seen[hit.kind] = seen.get(hit.kind, 0) + 1
        (first if seen[hit.kind] <= share else rest).append(hit)
    kept = {(hit.kind, hit.id) for hit in [*first, *rest][:limit]}
    return [hit for hit in best if (hit.kind, hit.id) in kept]


def matching_ids(session: Session, typed: str, kind: str, limit: int = 5000) -> list[int]:
    """Return the ids of the records of one kind that match, unranked, for a list's text filter."""
    words = search_words(typed)
    if not words:
        return []
    rows = _index(session, words).rows((kind,), title_only=False, limit=limit)
    return list(dict.fromkeys(owner for _, _, owner in rows))


def _matches(
    index: "_SqliteIndex | _PostgresqlIndex", kinds: tuple[str, ...], *, title_only: bool
) -> dict[tuple[str, int], tuple[float, str]]:
    """Return score and title of each record; of its several rows in the index, the best."""
    if title_only and kinds[0] in _UNTITLED:
        return {}
    hits: dict[tuple[str, int], tuple[float, str]] = {}
    taken = _TAKEN if kinds[0] in {"contact", "company"} else _TAKEN_OF_OTHERS
    plain = [fold(word) for word in index.words]
    for title, kind, owner in index.rows(kinds, title_only, taken):
        match = (_score(plain, title) + _WEIGHT.get(kind, 1), title)
        if (kind, owner) not in hits or hits[kind, owner] < match:
            hits[kind, owner] = match
    return hits


@lru_cache(8_192)  # the next letter typed finds much the same titles
def _compared(title: str) -> tuple[str, str, float]:
    """Return a title folded, its words between spaces, and what its length costs."""
    folded = fold(title)
    return folded, f" {' '.join(_WORD.findall(folded))} ", min(len(folded), 80) / 40


def _score(words: Sequence[str], title: str) -> float:
    folded, in_title, length = _compared(title)
    score = 60.0 if folded.startswith(" ".join(words)) else 0.0
    for position, word in enumerate(words):
        if f" {word}" not in in_title:
            score += 2
        elif f" {word} " in in_title:
            score += 30
        else:
            score += 20 - position
    return score - length


def _people_of_companies(session: Session, hits: Iterable[SearchHit]) -> list[SearchHit]:
    companies = [hit for hit in hits if hit.kind == "company"]
    best = sorted(companies, key=lambda hit: -hit.score)[:5]
    scores = {hit.id: hit.score for hit in best}
    if not scores:
        return []
    rows = session.execute(
        select(Contact.id, Contact.name, Contact.company_id)
        .where(Contact.company_id.in_(scores), Contact.archived_at.is_(None))
        .order_by(Contact.sort_name)
        .limit(20)
    )
    return [SearchHit("contact", r.id, r.name, scores[r.company_id] - 25) for r in rows]


def _index(session: Session, words: list[str]) -> "_SqliteIndex | _PostgresqlIndex":
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _SqliteIndex(connection, words)
    return _PostgresqlIndex(connection, words)


_POSTGRESQL = {
    title_only: text(
        "SELECT title, kind, owner FROM search_index "  # noqa: S608  our own names
        f"WHERE {column} @@ to_tsquery('simple', :query) AND kind IN :kinds LIMIT :limit"
    ).bindparams(bindparam("kinds", expanding=True))
    for title_only, column in ((True, "title_words"), (False, "words"))
}


class _PostgresqlIndex:
    """Asks PostgreSQL's index for records in which each of the words begins a word."""

    def __init__(self, connection: Connection, words: list[str]) -> None:
        self.words = words
        self._connection = connection
        self._query = " & ".join(
            "(" + " | ".join(f"{spelling}:*" for spelling in _spellings(word)) + ")"
            for word in words
        )

    def rows(
        self, kinds: tuple[str, ...], title_only: bool, limit: int
    ) -> list[tuple[str, str, int]]:
        """Return title, kind and record of the first matches."""
        rows = self._connection.execute(
            _POSTGRESQL[title_only], {"query": self._query, "kinds": list(kinds), "limit": limit}
        )
        return [(title, kind, int(owner)) for title, kind, owner in rows.all()]


class _SqliteIndex:
    """Asks SQLite's index for records in which each of the words begins a word."""

    def __init__(self, connection: Connection, words: list[str]) -> None:
        self.words = words
        self._connection = connection
        long = [word for word in words if len(word) > 1]
        # The index keeps beginnings of two and three letters; for one it would read every word
        # there is (300 ms for "anna b"), so those are looked for in what the others found.
        self._letters = [
            re.compile(rf"(?:^|[\W_]){word}") for word in words if long and len(word) == 1
        ]
        self._query: str | None = self._words_query(long or words)

    def rows(
        self, kinds: tuple[str, ...], title_only: bool, limit: int
    ) -> list[tuple[str, str, int]]:
        """Return title, kind and record of the first matches."""
        if self._query is None:
            return []
        columns = "title" if title_only else "title body"
        # The kind is a word of the index too, so that a rare kind is found among many matches.
        of_kind = " OR ".join(f'"{kind}"' for kind in kinds)
        query = f"{{{columns}}} : ({self._query}) AND {{kind}} : ({of_kind})"
        wanted = set(kinds)
        if self._letters:
            return self._with_letters(query, wanted, title_only, limit)
        rows = self._connection.exec_driver_sql(_SQLITE, (query, limit)).all()
        return [(title, kind, int(owner)) for title, kind, owner in rows if kind in wanted]

    def _with_letters(
        self, query: str, kinds: set[str], title_only: bool, limit: int
    ) -> list[tuple[str, str, int]]:
        statement = _SQLITE if title_only else _SQLITE_TEXTS
        rows = []
        for title, kind, owner, *body in self._connection.exec_driver_sql(
            statement, (query, _LOOKED_AT)
        ).all():
            within = _compared(title)[1]
            if body:
                within += _plain(body[0])
            if kind in kinds and all(letter.search(within) for letter in self._letters):
                rows.append((title, kind, int(owner)))
                if len(rows) == limit:
                    break
        return rows

    def _words_query(self, words: list[str]) -> str | None:
        """Return the query for all words, None where the index is known to lack one."""
        parts = []
        for word in words:
            terms = [term for spelling in _spellings(word) for term in self._terms(spelling)]
            if not terms:
                return None
            parts.append("(" + " OR ".join(terms) + ")")
        return " AND ".join(parts)

    def _terms(self, word: str) -> list[str]:
        """Return what to ask the index for: a beginning, or the words it has with it.

        For a beginning of four letters or more SQLite gathers all its matches before it gives the
        first (3 ms for 40,000), in each of fifteen statements; those of a whole word it walks.
        """
        beginning = [f'"{word}" *']
        if len(word) == 1:
            return [f'"{word}"', *(f'"{word}{second}" *' for second in _SECOND_LETTERS)]
        if len(word) <= _PREFIX_KEPT or not word.isascii() or not self._has_vocabulary():
            return beginning
        found = self._connection.exec_driver_sql(
            _VOCABULARY, (word, word + "\U0010ffff", _MANY_TERMS)
        ).all()
        matches = sum(row.doc for row in found)
        # What the tokenizer made of other alphabets it might not make of its own words again.
        plain = all(row.term.isascii() for row in found)
        if plain and len(found) < _MANY_TERMS and matches >= _MATCHES_PER_TERM * (len(found) - 1):
            return [f'"{row.term}"' for row in found]
        return beginning

    def _has_vocabulary(self) -> bool:
        """Say whether this connection has the list of the index's words (see VOCABULARY)."""
        info = self._connection.info
        if _HAS_VOCABULARY not in info:
            rows = self._connection.exec_driver_sql(
                "SELECT 1 FROM temp.sqlite_master WHERE name = 'search_words'"
            )
            info[_HAS_VOCABULARY] = rows.first() is not None
        return bool(info[_HAS_VOCABULARY])
