"""What is known of a program's export: its name, its kind, and the headers it is known by."""

from dataclasses import dataclass

from models.values import name_key


@dataclass(frozen=True, slots=True)
class Layout:
    """An export: `system` names the ids it holds, `renames` maps its headers to fields."""

    system: str
    title: str
    kind: str
    marks: frozenset[str]
    renames: dict[str, str | None]
    least: int
    most: int = 0  # columns of the whole table; 0: however many


def layout(
    system: str,
    title: str,
    kind: str,
    marks: str,
    renames: dict[str, str | None],
    least: int = 0,
    most: int = 0,
) -> Layout:
    """Return a layout; `marks` stand between bars, `least` of them must be there (0: all).

    A table of more than `most` columns is something else (0: no limit).
    """
    keys = frozenset(name_key(mark) for mark in marks.split("|"))
    return Layout(
        system,
        title,
        kind,
        keys,
        {name_key(header): field for header, field in renames.items()},
        least or len(keys),
        most,
    )
