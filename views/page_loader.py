"""Imports a page's class when the page is first shown."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from PySide6.QtWidgets import QWidget

from views.context import PageContext
from views.navigation import PageEntry
from views.shared.page import Page


def page_class(entry: PageEntry) -> type[Page]:
    """Import the page's class."""
    return cast("type[Page]", load(entry.target))


def optional_widget(target: str, context: PageContext, parent: QWidget) -> QWidget | None:
    """Make a widget of a feature the frame does not depend on, None when it is not there."""
    found = _load(target)
    return cast("QWidget", found(context, parent)) if found is not None else None


def _load(target: str) -> Callable[..., Any] | None:
    """Import "module:Name"; only a module that does not exist gives None, a broken one raises."""
    module = target.partition(":")[0]
    try:
        if find_spec(module) is None:
            return None
    except ModuleNotFoundError:
        return None
    return load(target)


def load(target: str) -> Callable[..., Any]:
    """Import "module:Name" of a feature that is not known by its folder."""
    module, _, name = target.partition(":")
    return cast("Callable[..., Any]", getattr(import_module(module), name))
