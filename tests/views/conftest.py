"""Fixtures for two programs on one workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.commands.contacts import create_contact
from app.workspace import Workspace
from tests.conftest import USER, run
from tests.views.two_windows import OtherWindow
from views.stage import Stage


@pytest.fixture
def watched(workspace_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(workspace_path, user_name=USER)
    yield opened
    opened.close()


@pytest.fixture
def ann(watched: Workspace) -> Iterator[OtherWindow]:
    other = OtherWindow(watched.location)
    yield other
    other.close()


@pytest.fixture
def person(watched: Workspace) -> int:
    return run(watched, create_contact, name="Lena Ott", city="Ulm", job_title="Buyer")


@pytest.fixture
def stage(qapp: QApplication, watched: Workspace) -> Iterator[Stage]:
    del qapp
    with Stage(watched) as made:
        yield made
