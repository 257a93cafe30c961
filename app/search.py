"""Finds any record by the words in it, on both dialects.

Never ranks a whole match set in SQL (91 to 222 ms at a million rows): takes up to 200 matches of
each group and ranks those here.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select, text
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
    # Titles first: among 20,000 matches the first 200 might hold no name at all.
    by_group = {part: _matches(session, words, part, title_only=True) for part in groups}
    # Two letters stand in some word of every text; names that many suffice.
    few = sum(map(len, by_group.values())) < _PER_KIND or sum(map(len, words)) >= _TELLING
    for part, hits in by_group.items():
        if few and len(hits) < _PER_KIND:
            for key, match in _matches(session, words, part, title_only=False).items():
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
    rows = _rows(session, words, (kind,), title_only=False, limit=limit)
    return list(dict.fromkeys(owner for _, _, owner in rows))


def _matches(
    session: Session, words: list[str], kinds: tuple[str, ...], *, title_only: bool
) -> dict[tuple[str, int], tuple[float, str]]:
    """Return score and title of each record; of its several rows in the index, the best."""
    if title_only and kinds[0] in _UNTITLED:
        return {}
    hits: dict[tuple[str, int], tuple[float, str]] = {}
    taken = _TAKEN if kinds[0] in {"contact", "company"} else _TAKEN_OF_OTHERS
    plain = [fold(word) for word in words]
    for title, kind, owner in _rows(session, words, kinds, title_only, taken):
        match = (_score(plain, title) + _WEIGHT.get(kind, 1), title)
        if (kind, owner) not in hits or hits[kind, owner] < match:
            hits[kind, owner] = match
    return hits


def _score(words: list[str], title: str) -> float:
    folded = fold(title)
    score = 60.0 if folded.startswith(" ".join(words)) else 0.0
    in_title = " " + " ".join(_WORD.findall(folded)) + " "
    for position, word in enumerate(words):
        if f" {word} " in in_title:
            score += 30
        elif f" {word}" in in_title:
            score += 20 - position
        else:
            score += 2
    return score - min(len(folded), 80) / 40


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


def _rows(
    session: Session, words: list[str], kinds: tuple[str, ...], title_only: bool, limit: int
) -> list[tuple[str, str, int]]:
    if session.get_bind().dialect.name == "sqlite":
        return _sqlite_rows(session, words, kinds, title_only, limit)
    return _postgresql_rows(session, words, kinds, title_only, limit)


_SQLITE = text(
    "SELECT title, kind, owner FROM search_index WHERE search_index MATCH :query LIMIT :limit"
)
_SQLITE_TEXTS = text(
    "SELECT title, body, kind, owner FROM search_index WHERE search_index MATCH :query LIMIT :limit"
)
_POSTGRESQL = {
    title_only: text(
        "SELECT title, kind, owner FROM search_index "  # noqa: S608  our own names
        f"WHERE {column} @@ to_tsquery('simple', :query) AND kind IN :kinds LIMIT :limit"
    ).bindparams(bindparam("kinds", expanding=True))
    for title_only, column in ((True, "title_words"), (False, "words"))
}


def _sqlite_rows(
    session: Session, words: list[str], kinds: tuple[str, ...], title_only: bool, limit: int
) -> list[tuple[str, str, int]]:
    letters = [word for word in words if len(word) == 1]
    if letters and len(letters) < len(words):
        return _with_letters(session, words, letters, kinds, title_only, limit)
    query = _sqlite_query(words, kinds, title_only)
    rows = session.connection().execute(_SQLITE, {"query": query, "limit": limit})
    wanted = set(kinds)
    return [(title, kind, int(owner)) for title, kind, owner in rows.all() if kind in wanted]


def _sqlite_query(words: list[str], kinds: tuple[str, ...], title_only: bool) -> str:
    columns = "title" if title_only else "title body"
    typed = " AND ".join(
        "(" + " OR ".join(f'"{spelling}" *' for spelling in _spellings(word)) + ")"
        for word in words
    )
    # The kind is a word of the index too, so that a rare kind is found among many matches.
    of_kind = " OR ".join(f'"{kind}"' for kind in kinds)
    return f"{{{columns}}} : ({typed}) AND {{kind}} : ({of_kind})"


def _with_letters(
    session: Session,
    words: list[str],
    letters: list[str],
    kinds: tuple[str, ...],
    title_only: bool,
    limit: int,
) -> list[tuple[str, str, int]]:
    """Search the longer words and look for those of one letter in what was found.

    The index keeps beginnings of two and three letters; for one it would read every word there is
    (300 ms for "anna b").
    """
    query = _sqlite_query([word for word in words if len(word) > 1], kinds, title_only)
    found = session.connection().execute(_SQLITE_TEXTS, {"query": query, "limit": _LOOKED_AT})
    begin = [re.compile(rf"(?:^|[\W_]){letter}") for letter in letters]
    wanted, rows = set(kinds), []
    for title, body, kind, owner in found:
        plain = _plain(title if title_only else f"{title} {body}")
        if kind in wanted and all(word.search(plain) for word in begin):
            rows.append((title, kind, int(owner)))
            if len(rows) == limit:
                break
    return rows


def _postgresql_rows(
    session: Session, words: list[str], kinds: tuple[str, ...], title_only: bool, limit: int
) -> list[tuple[str, str, int]]:
    query = " & ".join(
        "(" + " | ".join(f"{spelling}:*" for spelling in _spellings(word)) + ")" for word in words
    )
    rows = session.execute(
        _POSTGRESQL[title_only], {"query": query, "kinds": list(kinds), "limit": limit}
    )
    return [(title, kind, int(owner)) for title, kind, owner in rows.all()]
