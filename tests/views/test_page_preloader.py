"""What idle moments import: module by module, in order, and never while somebody works."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from views import page_preloader
from views.page_preloader import PagePreloader, own_imports

ROOT = Path(__file__).parents[2]
_FRESH = """
import importlib, json, sys
from views.navigation import preloaded_targets
from views.page_preloader import in_order

def ours():
    return {name for name, module in sys.modules.items() if not hasattr(module, "__path__")
            and name.partition(".")[0] in {"app", "models", "views"}}

alone, seen = [], []
for name in filter(None, in_order(preloaded_targets())):
    before = ours()
    importlib.import_module(name)
    alone.append(len(ours() - before))
    seen.append(name)
targets = {target.partition(":")[0] for target in preloaded_targets()}
print(json.dumps({"alone": alone, "seen": seen, "missing": sorted(targets - set(sys.modules)),
                  "charts": "matplotlib" in sys.modules}))
"""


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = "preloaded_example"
    (tmp_path / f"{name}.py").write_text("class Page:\n    pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


def preloader(window: QWidget, module: str, busy: list[bool], asked: list[int]) -> PagePreloader:
    def is_busy() -> bool:
        asked.append(1)
        return bool(busy)

    handle = window.windowHandle()
    assert handle is not None
    return PagePreloader(handle, is_busy, [f"{module}:Page"], window)


def test_each_module_is_imported_after_those_it_needs_and_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FRESH], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["missing"] == []
    assert not told["charts"], "matplotlib takes 50 MB and loads when a chart is wanted"
    assert len(told["seen"]) > 100
    # A few belong together: the records' tables, and modules that a package itself imports.
    assert sum(number > 1 for number in told["alone"]) <= len(told["alone"]) / 10


def test_what_only_the_type_checker_sees_is_not_imported() -> None:
    found = own_imports("views.shared.chart_panel")
    assert "views.shared.chart" in found
    assert "views.shared.paint" in found  # from a package
    assert "views.shared.chart_canvas" not in found


def test_it_waits_while_an_answer_is_awaited(
    qtbot: QtBot, window: QWidget, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_preloader, "QUIET_SECONDS", 0.0)
    busy, asked = [True], [0]
    working = preloader(window, module, busy, asked)
    working.start()
    qtbot.waitUntil(lambda: len(asked) > 3)
    assert module not in sys.modules
    busy.clear()
    qtbot.waitUntil(lambda: not working.is_running)
    assert module in sys.modules


def test_a_key_puts_it_off(
    qtbot: QtBot, window: QWidget, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_preloader, "QUIET_SECONDS", 0.3)
    asked: list[int] = []
    working = preloader(window, module, [], asked)
    working.start()
    handle = window.windowHandle()
    assert handle is not None
    started = perf_counter()
    qtbot.waitUntil(lambda: perf_counter() - started > 0.2)
    QTest.keyClick(handle, Qt.Key.Key_A)
    typed = perf_counter()
    qtbot.waitUntil(lambda: module in sys.modules)
    assert perf_counter() - typed >= 0.3
    assert len(asked) <= 2  # neither asked nor imported anything in the meantime


def test_a_broken_module_is_left_to_its_page(
    qtbot: QtBot, window: QWidget, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_preloader, "QUIET_SECONDS", 0.0)
    (tmp_path / f"{module}.py").write_text("1 / 0\n", encoding="utf-8")
    working = preloader(window, module, [], [])
    working.start()
    qtbot.waitUntil(lambda: not working.is_running)
    assert module not in sys.modules
