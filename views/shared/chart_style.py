"""Makes matplotlib ready off the GUI thread: the library, Inter, and one rc dictionary."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.paths import cache_folder
from views.fonts import FAMILY, font_file
from views.operations import _Task

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from views.theme import Theme

SEMIBOLD: Final = 600
_once: Final = threading.Lock()
_cutting: Final = threading.Lock()
_CUT: Final = "Inter-600-v1.ttf"


class Preparation(_Task):
    """Work for charts on a thread of its own, so that no query waits behind it."""

    def __init__(self, owner: QObject, work: Callable[[], Any]) -> None:
        super().__init__(owner)
        self._start(_submit, work)


def _submit(work: Callable[[], Any]) -> Future[Any]:
    """Work on a daemon thread: closing the program does not wait until a font is cut."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the GUI thread takes it up
            future.set_exception(error)

    threading.Thread(target=run, name="charts", daemon=True).start()
    return future


def prepare_charts() -> None:
    """Make matplotlib ready once, however many ask at the same time."""
    with _once:
        _prepare()


@cache
def _prepare() -> None:
    """Import matplotlib (a third of a second, more at the very first start) and tell it of Inter.

    It holds no widgets, so any thread may do it.
    """
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))
    import matplotlib as mpl  # noqa: PLC0415 - not before a chart is wanted
    from matplotlib import font_manager  # noqa: PLC0415

    mpl.rcParams.update(
        {
            "text.hinting": "none",
            "svg.fonttype": "none",
            "pdf.fonttype": 42,
            "path.simplify": True,
        }
    )
    font_manager.fontManager.addfont(str(font_file()))
    import views.shared.chart_canvas  # noqa: PLC0415
    import views.shared.chart_export  # noqa: F401, PLC0415


def chart_rc(theme: Theme) -> Any:
    """Return the colours of a theme as matplotlib knows them."""
    return {
        "figure.facecolor": theme.surface,
        "axes.facecolor": theme.surface,
        "axes.edgecolor": theme.border,
        "text.color": theme.text,
        "savefig.facecolor": theme.surface,
        "font.family": FAMILY,
    }


def cut_file() -> Path:
    """Give the place of the static semibold."""
    return cache_folder() / "fonts" / _CUT


def cut_semibold() -> bool:
    """Make the static semibold that matplotlib needs, once; say whether it was made just now."""
    with _cutting:
        return _cut_semibold(cut_file())


def _cut_semibold(target: Path) -> bool:
    if target.is_file():
        return False
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - once in the life of a computer
    from fontTools.varLib import instancer  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.with_name(f"{target.name}.{os.getpid()}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with TTFont(font_file()) as variable:
            cut = instancer.instantiateVariableFont(
                variable, {"wght": SEMIBOLD, "opsz": 14}, inplace=True
            )
            cut.save(waiting)
    waiting.replace(target)  # whole or not at all, also with two programs at once
    font_properties.cache_clear()
    return True


@cache
def font_properties(weight: int) -> Any:
    """Give matplotlib's Inter; regular until the semibold is cut."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    is_bold = weight >= SEMIBOLD and cut_file().is_file()
    path = cut_file() if is_bold else font_file()
    return FontProperties(family=FAMILY, weight=weight if is_bold else 400, fname=str(path))
