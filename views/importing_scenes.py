"""The scenes of importing, each step of it, for `screenshots`; in a workspace of their own."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.exchange.plan import OnMatch, Taking
from app.queries.showcase import Showcase
from views.importing.imports_page import ImportsPage
from views.importing.page import ImportPage
from views.importing.steps import Step
from views.stage import Stage

_GIVEN: Final = (
    "Amara", "Jonas", "Chloé", "Jürgen", "Þóra", "Élodie", "Mateo", "Yui", "Zofia", "Liam",
    "Noor", "Söner", "Ivana", "Femi", "Ana", "Björn",
)  # fmt: skip
_FAMILY: Final = (
    "Okafor", "Lindqvist", "Laurent", "Groß", "Jónsdóttir", "Lefèvre", "Herrera", "Tanaka",
    "Kowalska", "O'Neill", "Haddad", "Yıldız",
)  # fmt: skip
_FIRMS: Final = (
    "Granite Build", "Lumen Studio", "Osprey Health", "Maple & Finch", "Quai d'Or", "Nordlicht",
)  # fmt: skip
_STAGES: Final = ("lead", "customer", "MQL", "Wunschkunde", "Altkunde")
_ROWS: Final = 96
_HEADER: Final = (
    "Vorname;Nachname;E-Mail;Telefon;Firma;Position;Lifecycle;Betreuer;Score_x;Geburtstag"
)


def leads(rows: int = _ROWS, *, older: bool = False) -> str:
    """Return a file as a stranger might bring it; the older one has fewer rows and other jobs."""
    lines = [_HEADER]
    for n in range(rows):
        given, family = _GIVEN[n % len(_GIVEN)], _FAMILY[(n * 5 + n // 16) % len(_FAMILY)]
        firm = _FIRMS[n % len(_FIRMS)]
        mail = f"p{n}@{firm.split()[0].lower()}.example"
        bad = not older and n % 13 == 6
        job = "Einkauf" if older else ("Einkauf", "Leitung", "Vertrieb")[n % 3]
        day = "31.02.1980" if not older and n % 17 == 8 else f"{n % 27 + 1:02d}.05.1980"
        cells = [given, family, "no mail" if bad else mail, f"030 5557 {n:04d}", firm, job]
        cells += [_STAGES[n % len(_STAGES)], ("E. Novak", "f.aziz")[n % 2], str(n * 7 % 90), day]
        lines.append(";".join(cells))
    if not older:
        lines += [";" * 9, ";;;;;;;;12;", ";;;;;;;;7;"]
    return "\n".join(lines) + "\n"


def _file(name: str, text: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix="closeknit-")) / name
    path.write_text(text, "utf-8-sig")
    return path


def _opened(stage: Stage, text: str, name: str = "fair-leads-2026-11.csv") -> ImportPage:
    path = _file(name, text)
    page = stage.go("import", files=[str(path)])
    if not isinstance(page, ImportPage):
        raise TypeError("the import page is not shown")
    stage.settle(lambda: bool(page.tallies))
    return page


def _run(stage: Stage, page: ImportPage) -> None:
    page.go.click()
    stage.settle(lambda: page.steps.step == Step.RESULT)


def _seed(stage: Stage) -> None:
    """Take in the older file once, so that the newer one updates."""
    page = stage.go("imports")
    if isinstance(page, ImportsPage) and not page.list.rows:
        _run(stage, _opened(stage, leads(30, older=True), "fair-leads-2025.csv"))
        stage.settle()


def _view(view: str) -> Callable[[Stage, Showcase], None]:
    def show(stage: Stage, _chosen: Showcase) -> None:
        _seed(stage)
        page = _opened(stage, leads())
        page.views.set_value(view)
        if view == "columns":
            page.mapping.setCurrentIndex(page.mapping.model().index(8, 0))
        stage.settle(lambda: bool(page.preview.rows))

    return show


def _ask(stage: Stage, _chosen: Showcase) -> None:
    _seed(stage)
    page = _opened(stage, leads())
    page.choose_taking(Taking(on_match=OnMatch.ASK))
    page.views.set_value("matching")
    stage.settle(lambda: bool(page.card.matching.list.rows))


def _result(view: str) -> Callable[[Stage, Showcase], None]:
    def show(stage: Stage, _chosen: Showcase) -> None:
        _seed(stage)
        page = _opened(stage, leads())
        _run(stage, page)
        page.views.set_value(view)
        stage.settle()

    return show


def _imports(stage: Stage, _chosen: Showcase) -> None:
    _seed(stage)
    page = stage.go("imports")
    if isinstance(page, ImportsPage):
        page.list.choose(0)
    stage.settle()


def _undone(stage: Stage, _chosen: Showcase) -> None:
    page = stage.go("imports")
    if isinstance(page, ImportsPage):
        page.list.choose(0)
        stage.settle()
        if page.panel.undo.isVisible():
            page.panel.undo.click()
            stage.settle(lambda: not page.panel.progress.isVisible())
    stage.settle()


IMPORTING_SCENES: Final = (
    ("import-preview", _view("preview")),
    ("import-columns", _view("columns")),
    ("import-words", _view("words")),
    ("import-matching", _view("matching")),
    ("import-differences", _ask),
    ("import-problems", _view("problems")),
    ("import-result", _result("created")),
    ("imports", _imports),
    ("imports-undone", _undone),
    ("import-result-problems", _result("problems")),
    ("imports-again-undone", _undone),
)
