"""The filter of a list as a sentence of choices, and chips for the rarer conditions."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.queries.companies import CompanyFilter
from app.queries.contacts import ContactFilter
from views.contacts.contact_properties import Choices
from views.contacts.words import lifecycle_choices
from views.shared.buttons import Button
from views.shared.chips import DropDown
from views.shared.format import short_date
from views.shared.labels import Label
from views.shared.layout import FlowLayout
from views.shared.removable_chip import filter_chip
from views.shared.text import NBHY, tr

AnyFilter = ContactFilter | CompanyFilter
ANY: Final = "any"


class FilterBar(QWidget):
    """People owned by [anybody], at [any stage], tagged [anything] + More; says when it changed."""

    filter_changed = Signal(object)

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._empty: AnyFilter = ContactFilter() if kind == "contact" else CompanyFilter()
        self._filter = self._empty
        self._choices = Choices()
        self._user_id: int | None = None
        self._chips: list[QWidget] = []
        self._setting = False
        self._flow = FlowLayout(self, spacing=6)
        self.owner = self._drop(self._on_owner)
        self.stage = self._drop(self._on_stage)
        self.tag = self._drop(self._on_tag)
        self.source = self._drop(self._on_source)
        subject = tr("People of") if kind == "contact" else tr("Companies of")
        person = kind == "contact"
        parts = [Label(subject, "muted"), self.owner]
        if person:
            parts += [Label(tr("at"), "muted"), self.stage]
        parts += [Label(tr("tagged"), "muted"), self.tag]
        if person:
            parts += [Label(tr("from"), "muted"), self.source]
        for part in parts:
            part.setFixedHeight(28)
            self._flow.addWidget(part)
        self.stage.setVisible(person)
        self.source.setVisible(person)
        self.more = Button(tr("More"), "list-filter", "ghost", compact=True)
        self.more.clicked.connect(self._open_more)
        self._flow.addWidget(self.more)
        self.set_choices(Choices(), None)

    def _drop(self, changed: Callable[[Any], None]) -> DropDown:
        drop = DropDown(pill=True, parent=self)
        drop.value_changed.connect(changed)
        return drop

    @property
    def filter(self) -> AnyFilter:
        """The filter in force."""
        return self._filter

    def set_choices(self, choices: Choices, user_id: int | None) -> None:
        """Offer these people, sources and tags."""
        self._choices, self._user_id = choices, user_id
        owners: list[tuple[Any, str]] = [(ANY, tr("anybody"))]
        if user_id is not None:
            owners.append((user_id, tr("me")))
        owners += [(key, word) for key, word in choices.users if key != user_id]
        owners.append((None, tr("nobody")))
        self._fill(self.owner, owners)
        self._fill(self.stage, [(ANY, tr("any stage")), *lifecycle_choices()])
        self._fill(self.tag, [(ANY, tr("anything")), *choices.tags])
        sources = [(ANY, tr("any source")), *choices.sources, (None, tr("no source"))]
        self._fill(self.source, sources)
        self._show()

    def _fill(self, drop: DropDown, items: list[tuple[Any, str]]) -> None:
        self._setting = True
        drop.set_items(items)
        self._setting = False

    def set_filter(self, chosen: AnyFilter) -> None:
        """Show another filter without telling."""
        self._filter = chosen
        self._show()

    def change(self, **values: Any) -> None:
        """Change parts of the filter and tell."""
        new = replace(self._filter, **values)
        if new != self._filter:
            self._filter = new
            self._show()
            self.filter_changed.emit(new)

    def clear(self) -> None:
        """Let everything through, and tell."""
        self.change(
            **{field.name: getattr(self._empty, field.name) for field in fields(self._empty)}
        )

    # From the filter to the widgets.

    def _show(self) -> None:
        self._setting = True
        one = self._filter
        self._set(self.owner, one.owner_ids)
        self._set(self.tag, one.tag_ids[:1])
        if isinstance(one, ContactFilter):
            self._set(self.stage, one.lifecycles)
            self._set(self.source, one.lead_source_ids)
        self._setting = False
        self._show_chips()

    @staticmethod
    def _set(drop: DropDown, values: tuple[Any, ...]) -> None:
        drop.set_value(values[0] if values else ANY)
        drop.set_accented(bool(values))

    def _show_chips(self) -> None:
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for words, values in self._conditions():
            chip = filter_chip(words, self)
            chip.removed.connect(partial(self.change, **values))
            self._flow.insert_widget(self._flow.count() - 1, chip)
            chip.show()
            self._chips.append(chip)
        self.updateGeometry()

    def _conditions(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the rarer conditions in force, and what takes each away."""
        one, found = self._filter, []
        if isinstance(one, ContactFilter):
            found += self._person_conditions(one)
        else:
            found += [
                (tr("in {industry}", industry=one.industry), {"industry": ""}),
                (tr("in {country}", country=one.country), {"country": ""}),
            ]
            found = [item for item in found if getattr(one, next(iter(item[1])))]
        if one.has_open_deals is not None:
            words = tr("with open deals") if one.has_open_deals else tr("without open deals")
            found.append((words, {"has_open_deals": None}))
        if one.created_from is not None:
            words = tr("added since {day}", day=short_date(one.created_from))
            found.append((words, {"created_from": None}))
        if one.created_to is not None:
            words = tr("added until {day}", day=short_date(one.created_to))
            found.append((words, {"created_to": None}))
        names = dict(self._choices.tags)
        found += [
            (tr("and {tag}", tag=names.get(tag, "…")), {"tag_ids": _without(one.tag_ids, tag)})
            for tag in one.tag_ids[1:]
        ]
        if one.archived:
            found.append((tr("archived"), {"archived": False}))
        return found

    @staticmethod
    def _person_conditions(one: ContactFilter) -> list[tuple[str, dict[str, Any]]]:
        found: list[tuple[str, dict[str, Any]]] = []
        words = {
            ("has_email", True): tr("with e{hyphen}mail", hyphen=NBHY),
            ("has_email", False): tr("without e{hyphen}mail", hyphen=NBHY),
            ("has_phone", True): tr("with phone"),
            ("has_phone", False): tr("without phone"),
        }
        for name in ("has_email", "has_phone"):
            value = getattr(one, name)
            if value is not None:
                found.append((words[name, value], {name: None}))
        if one.city:
            found.append((tr("in {city}", city=one.city), {"city": ""}))
        if one.company_id is not None:
            found.append((tr("of one company"), {"company_id": None}))
        if one.untouched_days is not None:
            quiet = tr("quiet for {n} days", n=one.untouched_days)
            found.append((quiet, {"untouched_days": None}))
        return found

    # From the widgets to the filter.

    def _on_owner(self, value: Any) -> None:
        self._choose(owner_ids=() if value == ANY else (value,))

    def _on_stage(self, value: Any) -> None:
        self._choose(lifecycles=() if value == ANY else (value,))

    def _on_tag(self, value: Any) -> None:
        self._choose(tag_ids=() if value == ANY else (value, *self._filter.tag_ids[1:]))

    def _on_source(self, value: Any) -> None:
        self._choose(lead_source_ids=() if value == ANY else (value,))

    def _choose(self, **values: Any) -> None:
        if not self._setting:
            self.change(**values)

    def more_menu(self) -> QMenu:
        """Return the menu of the rarer conditions."""
        menu = QMenu(self)
        items: list[tuple[str, dict[str, Any]]] = []
        if self._kind == "contact":
            items += [
                (tr("With e{hyphen}mail", hyphen=NBHY), {"has_email": True}),
                (tr("Without e{hyphen}mail", hyphen=NBHY), {"has_email": False}),
                (tr("With phone"), {"has_phone": True}),
                (tr("Without phone"), {"has_phone": False}),
                (tr("Quiet for 30 days"), {"untouched_days": 30}),
                (tr("Quiet for 90 days"), {"untouched_days": 90}),
            ]
        items += [
            (tr("With open deals"), {"has_open_deals": True}),
            (tr("Without open deals"), {"has_open_deals": False}),
            (tr("Archived"), {"archived": True}),
        ]
        for words, values in items:
            menu.addAction(words, partial(self.change, **values))
        also = menu.addMenu(tr("Also tagged"))
        for tag_id, name in self._choices.tags:
            tags = (*self._filter.tag_ids, tag_id)
            also.addAction(name.replace("&", "&&"), partial(self.change, tag_ids=tags))
        also.setEnabled(bool(self._choices.tags))
        menu.addSeparator()
        menu.addAction(tr("Clear the filter"), self.clear)
        return menu

    def _open_more(self) -> None:
        menu = self.more_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _without(values: tuple[int, ...], gone: int) -> tuple[int, ...]:
    return tuple(value for value in values if value != gone)
