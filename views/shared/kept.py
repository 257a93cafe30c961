"""What the window does when a change could not be saved and waits on this computer instead."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from views.context import context_of
from views.shared.page import Page
from views.shared.text import tr


def close_as_kept(owner: QObject) -> None:
    """End the editing: the change is safe; until it is saved the page shows what is stored.

    An editor that is no dialog may say itself how it is emptied, by `kept_for_later`.
    """
    context_of(owner).toast(
        tr("Kept on this computer"),
        detail=tr("It can be saved when the workspace is back."),
    )
    empty = getattr(owner, "kept_for_later", None)
    if callable(empty):
        empty()
    if isinstance(owner, QDialog):
        owner.reject()
    place: QObject | None = owner
    while place is not None and not isinstance(place, Page):
        place = place.parent()
    if isinstance(place, Page):
        place.refresh(None)
