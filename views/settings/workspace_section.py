"""You and the workspace: name, currency, working hours, goal."""

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QHBoxLayout

from app.commands.settings import change_workspace_settings
from app.commands.users import change_user, enter_workspace
from app.queries.settings_page import SettingsOverview
from views.operations import Operation
from views.shared.chips import CHIP_HEIGHT, Chip
from views.shared.inline import InlineField
from views.shared.labels import Label
from views.shared.layout import FlowBox
from views.shared.section import LABEL_WIDTH, Section
from views.shared.text import tr

CURRENCIES: Final = [
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "JPY",
    "CNY",
    "INR",
    "AUD",
    "CAD",
    "BRL",
    "ZAR",
    "AED",
    "KWD",
]
REGIONS: Final = [
    "DE",
    "AT",
    "CH",
    "GB",
    "IE",
    "US",
    "CA",
    "FR",
    "ES",
    "IT",
    "NL",
    "BE",
    "SE",
    "NO",
    "DK",
    "FI",
    "PL",
    "CZ",
    "PT",
    "TR",
    "AE",
    "SA",
    "IN",
    "JP",
    "AU",
]


class YouSection(Section):
    """The person's own name and e-mail."""

    def build(self) -> None:
        """Make the card."""
        words = tr("Your name stands beside everything you change.")
        card = self.add_card(tr("You"), words)
        self.name = self.add_field(card, tr("Name"), save=self._save_name)
        self.email = self.add_field(card, tr("E\u2011mail"), save=partial(self._change, "email"))
        self.team = self.add_field(card, tr("Team"), save=partial(self._change, "team"))
        self.region = self.add_field(card, tr("Region"), save=partial(self._change, "region"))

    def show_overview(self, overview: SettingsOverview) -> None:
        """Show the person at the keyboard."""
        for user in overview.users:
            if user.id == self.context.user_id:
                self.name.set_value(user.name)
                self.email.set_value(user.email)
                self.team.set_value(user.team)
                self.region.set_value(user.region)

    def _save_name(self, name: str) -> Operation:
        user_id, name = self.context.user_id, " ".join(name.split())
        if user_id is None:
            operation = Operation(self, "Enter workspace", enter_workspace, name=name)
        else:
            operation = Operation(self, "Change name", change_user, user_id=user_id, name=name)

        def named(stored_id: int) -> None:
            self.context.set_user(stored_id, name)
            self.context.settings.save()

        return operation.then(named)

    def _change(self, key: str, value: str) -> Operation:
        fields: dict[str, Any] = {key: value}
        return Operation(
            self, "Change profile", change_user, user_id=self.context.user_id, **fields
        )


class WorkspaceSection(Section):
    """What belongs to the workspace and is shared by all who work in it."""

    def build(self) -> None:
        """Make the cards."""
        card = self.add_card(tr("Workspace"), tr("Shared by everybody who works in it."))
        choices = {
            "currency": [(code, code) for code in CURRENCIES],
            "phone_region": [(code, region_words(code)) for code in REGIONS],
        }
        self.fields: dict[str, InlineField] = {}
        self._add(card, "name", tr("Name"))
        self._add(card, "currency", tr("Currency"), "choice", choices=choices["currency"])
        self._add(
            card,
            "phone_region",
            tr("Phone numbers from"),
            "choice",
            choices=choices["phone_region"],
        )
        self._add(card, "monthly_goal_minor", tr("Monthly goal"), "money")
        hours = self.add_card(
            tr("Working hours"), tr("The clocks of tickets run only in working hours.")
        )
        self._add_days(hours)
        self._add(hours, "working_start", tr("From"))
        self._add(hours, "working_end", tr("Until"))
        self._add(hours, "time_zone", tr("Time zone"), placeholder=tr("this computer's"))

    def _add(self, card: Any, key: str, label: str, kind: str = "text", **more: Any) -> None:
        save = partial(self._change, key)
        self.fields[key] = self.add_field(card, label, kind, save=save, **more)

    def _add_days(self, card: Any) -> None:
        row = QHBoxLayout()
        row.setSpacing(9)
        label = Label(tr("Working days"), "muted")
        label.setFixedSize(LABEL_WIDTH, CHIP_HEIGHT)
        row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        self.days: list[Chip] = []
        locale = QLocale()
        for day in range(7):
            chip = Chip(locale.dayName(day + 1, QLocale.FormatType.ShortFormat), value=day)
            chip.setAccessibleName(locale.dayName(day + 1))
            chip.clicked.connect(self._save_days)
            self.days.append(chip)
        row.addWidget(FlowBox(*self.days, spacing=6), 1)
        card.add(row)

    def show_overview(self, overview: SettingsOverview) -> None:
        """Show what is stored."""
        for key, field in self.fields.items():
            field.set_value(getattr(overview.settings, key))
        self._stored_days = overview.settings.working_days
        self._show_days()

    def _show_days(self) -> None:
        for day, chip in enumerate(self.days):
            chip.setChecked(day in self._stored_days)

    def _change(self, key: str, value: Any) -> Operation:
        changes: dict[str, Any] = {key: value if value is not None or key.endswith("minor") else ""}
        operation = Operation(
            self, "Change workspace settings", change_workspace_settings, **changes
        )
        if key == "currency":
            operation.then(lambda _n: setattr(self.context.workspace, "currency", value))
        return operation

    def _save_days(self) -> None:
        days = tuple(day for day, chip in enumerate(self.days) if chip.isChecked())
        Operation(self, "Change working days", change_workspace_settings, working_days=days).lastly(
            self._show_days
        )


def region_words(code: str) -> str:
    """Return a region's name in the person's language, with its code."""
    territory = QLocale.codeToTerritory(code)
    return f"{QLocale.territoryToString(territory)} ({code})"
