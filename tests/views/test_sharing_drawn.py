"""Banners, dialogs and steps as they are drawn: nothing cut, out of the window or hard to read."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.commands.contacts import create_contact
from app.queries.showcase import showcase
from app.workspace import Workspace
from tests.conftest import USER, run
from tests.views.test_drawn import Longer, cut_texts, faint_texts, outside, overlaps
from views.shared.labels import Label
from views.sharing_scenes import SHARING_SCENES, leave_banner
from views.stage import Stage

BANNERS = [name for name, _ in SHARING_SCENES if name.startswith("banner")]
SCENES = dict(SHARING_SCENES)


@pytest.fixture
def office(workspace: Workspace) -> Workspace:
    run(workspace, create_contact, name=USER, city="Ulm")
    return workspace


@pytest.fixture
def longer(qapp: QApplication) -> Iterator[None]:
    translator = Longer()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.mark.parametrize(("theme", "size"), [("light", (1440, 900)), ("dark", (1024, 700))])
def test_banners_are_drawn_whole_and_readable(
    office: Workspace, qapp: QApplication, theme: str, size: tuple[int, int]
) -> None:
    faults = {}
    with Stage(office, size=size, theme=theme) as stage:
        chosen = office.read(showcase)
        for name in [*BANNERS, "presence"]:
            SCENES[name](stage, chosen)
            found = cut_texts(stage) | outside(stage) | overlaps(stage) | faint_texts(stage)
            if found:
                faults[name] = found
            leave_banner(stage)
        assert stage.window.width() == size[0]
    assert faults == {}


def test_banners_hold_longer_words(office: Workspace, qapp: QApplication, longer: None) -> None:
    with Stage(office, size=(1024, 700)) as stage:
        chosen = office.read(showcase)
        for name in BANNERS:
            SCENES[name](stage, chosen)
            assert outside(stage) == set()
            assert stage.window.width() == 1024
            leave_banner(stage)


def cut_labels(dialog: QWidget) -> set[str]:
    """Find labels of a dialog that are lower than their words."""
    found = set()
    for label in dialog.findChildren(Label):
        hint = label.sizeHint().height()
        tall = label.heightForWidth(label.width()) if label.wordWrap() else hint
        if label.isVisible() and label.height() < tall - 1:
            found.add(label.text())
    return found


def cut_buttons(dialog: QWidget) -> set[str]:
    """Find buttons of a dialog that are narrower than their words."""
    buttons = [button for button in dialog.findChildren(QPushButton) if button.isVisible()]
    assert buttons
    return {b.text() for b in buttons if b.width() < b.minimumSizeHint().width()}


DIALOGS = (
    "kept-changes",
    "share-explain",
    "share-address",
    "share-copy",
    "log-in",
    "connect-computer",
)


@pytest.mark.parametrize("name", DIALOGS)
def test_dialogs_show_all_their_words(office: Workspace, qapp: QApplication, name: str) -> None:
    with Stage(office, size=(1024, 700)) as stage:
        dialog = shown(stage, name)
        assert cut_labels(dialog) | cut_buttons(dialog) == set()


@pytest.mark.parametrize("name", DIALOGS)
def test_dialogs_hold_longer_words(
    office: Workspace, qapp: QApplication, longer: None, name: str
) -> None:
    with Stage(office, size=(1024, 700)) as stage:
        assert cut_buttons(shown(stage, name)) == set()


def shown(stage: Stage, name: str) -> QWidget:
    """Show a scene; return its dialog, which fits the smallest window."""
    SCENES[name](stage, stage.workspace.read(showcase))
    found = [w for w in stage.app.topLevelWidgets() if w.isVisible() and w is not stage.window]
    (dialog,) = found
    assert dialog.height() <= 700
    assert dialog.width() <= 1024
    return dialog
