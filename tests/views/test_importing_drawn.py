"""Every step of importing is drawn whole and readable, with longer words and from right to left."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.queries.showcase import Showcase
from app.workspace import Workspace
from tests.views.test_drawn import Longer, cut_texts, faint_texts, outside, overlaps
from views.importing_scenes import IMPORTING_SCENES
from views.stage import Stage

NOBODY = Showcase(None, None, None, None)


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


@pytest.mark.parametrize(("theme", "size"), [("light", (1440, 900)), ("dark", (1024, 700))])
def test_each_step_is_drawn_whole_and_readable(
    workspace: Workspace, qapp: QApplication, theme: str, size: tuple[int, int]
) -> None:
    del qapp
    faults = {}
    with Stage(workspace, size=size, theme=theme) as stage:
        for name, show in IMPORTING_SCENES:
            show(stage, NOBODY)
            stage.window.toasts.clear()
            found = cut_texts(stage) | outside(stage) | overlaps(stage) | faint_texts(stage)
            if found:
                faults[name] = found
    assert faults == {}


def sideways_faults(workspace: Workspace) -> dict[str, set[str]]:
    faults = {}
    with Stage(workspace, size=(1024, 700)) as stage:
        for name, show in IMPORTING_SCENES:
            show(stage, NOBODY)
            found = outside(stage)
            found |= {text for text in cut_texts(stage) if "Button" in text.split(" ", 1)[0]}
            if stage.window.width() != 1024:
                found.add(f"the window is {stage.window.width()} wide")
            if found:
                faults[name] = found
    return faults


def test_longer_words_fit(workspace: Workspace, qapp: QApplication, longer: None) -> None:
    assert sideways_faults(workspace) == {}


def test_right_to_left_fits(workspace: Workspace, qapp: QApplication, right_to_left: None) -> None:
    assert sideways_faults(workspace) == {}
