"""What is really drawn: nothing cut, overlapping, out of the window or hard to read."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTranslator
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from app.demo import make_demo
from app.queries.showcase import showcase
from app.workspace import Workspace
from views.screenshots import SETTINGS
from views.shared.labels import Label
from views.stage import Stage

SCENES: tuple[str, ...] = ("today", "contacts", "companies", "contact", "company", "pipeline")
SCENES += ("deals table", "deal", "tickets", "analytics", "import")
SCENES += tuple(f"settings {key}" for key in SETTINGS)
LEAST_CONTRAST = 4.5
SMALLEST_TEXT = 40  # pixels a text must leave before its colour can be judged


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    path = tmp_path_factory.mktemp("drawn") / "demo.closeknit"
    workspace = Workspace.open(path, create=True, user_name="Elena Novak", watch=False)
    make_demo(workspace, contacts=60, deals=60, tickets=30, events=200, seed=1)
    yield workspace
    workspace.close()


def show(stage: Stage, scene: str) -> None:
    """Bring a scene of the demo onto the stage."""
    chosen = stage.workspace.read(showcase)
    match scene:
        case "contact" | "contacts":
            stage.go(scene, "contact", chosen.contact_id)
        case "company":
            stage.go("company", "company", chosen.company_id)
        case "companies":
            stage.go("contacts", section="companies")
        case "pipeline" | "deal":
            stage.go(scene, "deal", chosen.deal_id)
        case "deals table":
            stage.go("pipeline", view="table")
        case "tickets":
            stage.go("tickets", "ticket", chosen.ticket_id)
        case _ if scene.startswith("settings "):
            stage.go("settings", section=scene.removeprefix("settings "))
        case _:
            stage.go(scene)


def place(widget: QWidget, window: QWidget) -> QRect:
    """Return where a widget lies in its window."""
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def scrolled(widget: QWidget) -> bool:
    """Say whether a widget lies in something that scrolls, where it may reach out."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def seen(stage: Stage, kind: type[QWidget]) -> list[QWidget]:
    """Return the visible widgets of a kind that have a size."""
    found = stage.window.findChildren(kind)
    return [w for w in found if w.isVisible() and not w.visibleRegion().isEmpty()]


def named(widget: QWidget) -> str:
    """Say which widget it is, in a way that a person finds it."""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    owner = widget.parentWidget()
    return f"{type(widget).__name__} {text!r} in {type(owner).__name__}"


def may_elide(widget: QWidget) -> bool:
    """Say whether a widget shows three dots by design and then tells the whole text."""
    return not isinstance(widget, QAbstractButton) and bool(widget.toolTip())


def cut_texts(stage: Stage) -> set[str]:
    """Find labels and buttons narrower than what they have to show."""
    found = set()
    for widget in seen(stage, QWidget):
        if isinstance(widget, QLabel):
            wraps = widget.wordWrap()
            short = widget.text() and widget.pixmap().isNull() and not wraps
            if short and widget.width() < widget.minimumSizeHint().width() - 1:
                found.add(named(widget))
            elif short and type(widget) is Label and not may_elide(widget):
                wide = widget.fontMetrics().horizontalAdvance(widget.text())
                if widget.width() < wide - 1:
                    found.add(named(widget))
            elif wraps and widget.height() < widget.heightForWidth(widget.width()) - 2:
                found.add(f"{named(widget)}, in height")
        elif (
            isinstance(widget, QAbstractButton)
            and widget.text()
            and widget.width() < widget.minimumSizeHint().width() - 1
        ):
            found.add(named(widget))
    return found


def outside(stage: Stage) -> set[str]:
    """Find widgets that reach out of the window or of their parent sideways."""
    found = set()
    bounds = stage.window.rect()
    for widget in seen(stage, QWidget):
        if not isinstance(widget, QLabel | QAbstractButton | QLineEdit) or scrolled(widget):
            continue
        area = place(widget, stage.window)
        if area.left() < bounds.left() or area.right() > bounds.right():
            found.add(f"{named(widget)} leaves the window")
        owner = widget.parentWidget()
        if owner and (widget.x() < -1 or widget.geometry().right() > owner.width() + 1):
            found.add(f"{named(widget)} leaves its parent")
    return found | wider_than_seen(stage)


def widest_path(widget: QWidget) -> str:
    """Say which widget needs the width, and in which it stands."""
    needs = [w for w in widget.children() if isinstance(w, QWidget) and w.isVisible()]
    widest = max(needs, key=lambda w: w.minimumSizeHint().width(), default=None)
    if widest is None or widest.minimumSizeHint().width() < widget.minimumSizeHint().width() / 3:
        return f"{named(widget)} {widget.minimumSizeHint().width()}"
    return f"{type(widget).__name__} > {widest_path(widest)}"


def wider_than_seen(stage: Stage) -> set[str]:
    """Find scrolled columns whose right edge can never be seen: they do not scroll sideways."""
    found = set()
    for area in seen(stage, QScrollArea):
        assert isinstance(area, QScrollArea)
        inner = area.widget()
        if (
            inner is None
            or area.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        ):
            continue
        if inner.width() > area.viewport().width():
            found.add(f"{inner.width()} in {area.viewport().width()}: {widest_path(inner)}")
    return found


def overlaps(stage: Stage) -> set[str]:
    """Find words and controls in one box that lie on each other."""
    found = set()
    for owner in seen(stage, QWidget):
        layout = owner.layout()
        if layout is None:
            continue
        places = [layout.itemAt(k) for k in range(layout.count())]
        items = [each.widget() for each in places if each is not None]
        kids = [w for w in items if isinstance(w, QLabel | QAbstractButton) and w.isVisible()]
        for k, one in enumerate(kids):
            for other in kids[k + 1 :]:
                both = one.geometry() & other.geometry()
                if both.width() > 1 and both.height() > 1:
                    found.add(f"{named(one)} lies on {named(other)}")
    return found


def luminance(color: QColor) -> float:
    """Return the relative luminance of WCAG."""
    parts = (color.redF(), color.greenF(), color.blueF())
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def drawn_contrast(picture: QImage) -> float | None:
    """Return the contrast of a text with its ground, from its pixels; None when there is none."""
    flat = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(flat.constBits(), np.uint32)  # 4 bytes a pixel: no padding
    values, counts = np.unique(pixels, return_counts=True)
    ground = int(values[counts.argmax()])
    if pixels.size - int(counts.max()) < SMALLEST_TEXT:
        return None
    base = luminance(QColor(ground))
    # Thin strokes are blended with the ground: the strongest pixel is nearest to the pen.
    best = 1.0
    for value in values:
        other = luminance(QColor(int(value)))
        best = max(best, (max(base, other) + 0.05) / (min(base, other) + 0.05))
    return best


def faint_texts(stage: Stage) -> set[str]:
    """Find labels whose drawn words stand out too little from their ground."""
    picture = stage.window.grab().toImage()
    found = set()
    for widget in seen(stage, QLabel):
        if not isinstance(widget, QLabel) or not widget.text() or not widget.isEnabled():
            continue
        shown = widget.visibleRegion().boundingRect()
        area = shown.translated(widget.mapTo(stage.window, QPoint(0, 0)))
        if area.height() < widget.fontMetrics().ascent():
            continue
        contrast = drawn_contrast(picture.copy(area))
        if contrast is not None and contrast < LEAST_CONTRAST:
            found.add(f"{named(widget)}: {contrast:.1f}")
    return found


# Geometry does not depend on the theme nor colour on the size: two of four pairs see it all.
@pytest.mark.parametrize(("theme", "size"), [("light", (1440, 900)), ("dark", (1024, 700))])
def test_every_page_is_drawn_whole_and_readable(
    demo: Workspace, qapp: QApplication, theme: str, size: tuple[int, int]
) -> None:
    faults = {}
    with Stage(demo, size=size, theme=theme) as stage:
        for scene in SCENES:
            show(stage, scene)
            found = cut_texts(stage) | outside(stage) | overlaps(stage) | faint_texts(stage)
            if found:
                faults[scene] = found
        assert stage.window.width() == size[0]
    assert faults == {}


class Longer(QTranslator):
    """A language whose every text is 40 % longer."""

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        del disambiguation, n
        if context != "Closeknit":
            return ""
        return source + "n" * round(len(source) * 0.4)

    def isEmpty(self) -> bool:  # noqa: N802  a Qt override
        return False


@pytest.fixture
def longer(qapp: QApplication) -> Iterator[None]:
    translator = Longer()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


@pytest.fixture
def right_to_left(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)])
def test_longer_words_fit(
    demo: Workspace, qapp: QApplication, longer: None, size: tuple[int, int]
) -> None:
    assert sideways_faults(demo, size) == {}


def test_right_to_left_fits(demo: Workspace, qapp: QApplication, right_to_left: None) -> None:
    assert sideways_faults(demo, (1024, 700)) == {}


def sideways_faults(demo: Workspace, size: tuple[int, int]) -> dict[str, set[str]]:
    """Find on every page buttons that are cut and widgets that reach out of the window."""
    faults = {}
    with Stage(demo, size=size) as stage:
        for scene in SCENES:
            show(stage, scene)
            found = outside(stage)
            buttons = {text for text in cut_texts(stage) if "Button" in text.split(" ", 1)[0]}
            if stage.window.width() != size[0]:
                found.add(f"the window is {stage.window.width()} wide")
            if found | buttons:
                faults[scene] = found | buttons
    return faults


def test_the_audit_sees_what_it_looks_for(
    demo: Workspace, qapp: QApplication, tmp_path: Path
) -> None:
    with Stage(demo) as stage:
        stage.go("settings")
        clean = cut_texts(stage) | outside(stage) | faint_texts(stage)
        label = Label("Words that are far too long for it", parent=stage.window)
        label.setStyleSheet("color: #c8c8c8")
        label.setGeometry(stage.window.width() - 60, 600, 120, 20)
        label.show()
        stage.settle()
        assert any("far too long" in text for text in cut_texts(stage) - clean)
        assert any("leaves the window" in text for text in outside(stage) - clean)
        assert any("far too long" in text for text in faint_texts(stage) - clean)
