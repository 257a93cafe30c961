"""Imports the pages' modules while nobody needs the computer, so that a first visit is quick.

On the GUI thread, because modules make Qt objects, and one module at a time: a page with all that
it needs takes up to 200 ms, its largest module 20.
"""

import dis
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from sys import modules
from time import perf_counter
from types import CodeType
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow

SLICE_SECONDS: Final = 0.008
BREATH_MS: Final = 40  # between two slices: the events of a person come first
QUIET_SECONDS: Final = 0.8  # without any key or mouse
_OURS: Final = ("app", "models", "views")
_INPUT: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchUpdate,
        QEvent.Type.InputMethod,
    }
)


class PagePreloader(QObject):
    """Imports modules in small slices; waits while the person acts or an answer is awaited."""

    finished = Signal()

    def __init__(
        self,
        window: QWindow,
        is_busy: Callable[[], bool],
        targets: Iterable[str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._is_busy = window, is_busy
        self._modules = in_order(targets)
        self._last_input = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(BREATH_MS)
        self._timer.timeout.connect(self._work)

    @property
    def is_running(self) -> bool:
        """Whether there is still something to import."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begin with the next quiet moment."""
        self._last_input = perf_counter()
        self._window.installEventFilter(self)  # not of the application: it would see every paint
        self._timer.start()

    def stop(self) -> None:
        """Import nothing more."""
        self._timer.stop()
        self._window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take note of what the person does."""
        if event.type() in _INPUT:
            self._last_input = perf_counter()
        return super().eventFilter(watched, event)

    def _work(self) -> None:
        started = perf_counter()
        if started - self._last_input < QUIET_SECONDS or self._is_busy():
            return
        while perf_counter() - started < SLICE_SECONDS:
            module = next(self._modules, None)
            if module is None:
                self.stop()
                self.finished.emit()
                return
            # A broken page tells of itself when it is opened, with everything around it.
            with suppress(Exception):
                if module:
                    import_module(module)


def in_order(targets: Iterable[str]) -> Iterator[str]:
    """Yield our modules behind "module:Name" targets, each after those it imports itself.

    An empty name only gives the caller the chance to stop: reading a module takes time, too.
    """
    seen: set[str] = set()
    for target in targets:
        yield from _with_imports(target.partition(":")[0], seen)


def _with_imports(module: str, seen: set[str]) -> Iterator[str]:
    if module in seen or module in modules:
        return
    seen.add(module)
    with suppress(ImportError):
        needed = own_imports(module)
        yield ""
        for name in needed:
            yield from _with_imports(name, seen)
        yield module


def own_imports(module: str) -> list[str]:
    """Return which of our modules a module imports when it is imported, read from its code."""
    spec = find_spec(module)
    loader: Any = spec.loader if spec is not None else None
    code: CodeType | None = loader.get_code(module) if loader is not None else None
    if code is None:
        return []
    names = _names_at_run_time(code) if "TYPE_CHECKING" in code.co_names else code.co_names
    found: dict[str, None] = {}
    for base in names:
        if base.partition(".")[0] in _OURS:
            inside = [f"{base}.{name}" for name in names if "." not in name]
            found.update(dict.fromkeys([base, *inside] if _is_package(base) else [base]))
    return [name for name in found if find_spec(name) is not None]


def _names_at_run_time(code: CodeType) -> list[str]:
    """Return the names a module uses, without those only the type checker sees: slow, so rare."""
    names: dict[str, None] = {}
    after_guard, skipped_to = False, 0
    for step in dis.get_instructions(code):
        if step.offset < skipped_to:
            continue
        if after_guard and "JUMP" in step.opname:
            after_guard, skipped_to = False, int(step.argval)
        elif step.argval == "TYPE_CHECKING" and step.opname.startswith("LOAD"):
            after_guard = True
        elif step.opname in {"IMPORT_NAME", "IMPORT_FROM"}:
            names[str(step.argval)] = None
    return list(names)


@cache
def _is_package(module: str) -> bool:
    spec = find_spec(module)
    return spec is not None and spec.submodule_search_locations is not None
