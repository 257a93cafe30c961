"""The filter of the pipeline, as a sentence: whose deals, with what, closing when."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.queries.deals import DealFilter
from app.queries.lookups import Option, product_options, user_options
from models.values import StageType
from views.operations import Lookup
from views.shared.buttons import link
from views.shared.chips import CHIP_HEIGHT, DropDown
from views.shared.format import today_here
from views.shared.forms import SearchField
from views.shared.labels import Label
from views.shared.layout import FlowLayout
from views.shared.text import tr

SEARCH_WIDTHS: Final = (150, 250)
FIELD_HEIGHT: Final = 34
EVERYONE: Final = "everyone"
ANY: Final = "any"

_PLAIN: Final = (StageType.OPEN, EVERYONE, ANY, ANY, ANY)

Period = tuple[date | None, date | None]


def period_days(key: str, today: date | None = None) -> Period:
    """Return the first and the last day of a named period, both included."""
    day = today or today_here()
    month = day.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    year = day.replace(month=1, day=1)
    match key:
        case "month":
            return month, _months_on(month, 1) - timedelta(days=1)
        case "next_month":
            return _months_on(month, 1), _months_on(month, 2) - timedelta(days=1)
        case "quarter":
            return quarter, _months_on(quarter, 3) - timedelta(days=1)
        case "next_quarter":
            return _months_on(quarter, 3), _months_on(quarter, 6) - timedelta(days=1)
        case "year":
            return year, _months_on(year, 12) - timedelta(days=1)
        case _:
            return None, None


def _months_on(day: date, months: int) -> date:
    place = day.month - 1 + months
    return day.replace(year=day.year + place // 12, month=place % 12 + 1)


class FilterBar(QWidget):
    """Drop-downs in a line; `changed` carries the new DealFilter."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base = DealFilter()
        self._quiet = False
        self._has_types = False
        self._users: list[tuple[int, str]] = []
        self.types = DropDown(pill=True)
        self.types.set_items(
            [
                (StageType.OPEN, tr("Open deals")),
                (ANY, tr("All deals")),
                (StageType.WON, tr("Won deals")),
                (StageType.LOST, tr("Lost deals")),
            ]
        )
        self.owner = DropDown(pill=True)
        self.owner.set_items([(EVERYONE, tr("everyone"))])
        self.product = DropDown(pill=True)
        self.product.set_items([(ANY, tr("any product"))])
        self.period = DropDown(pill=True)
        self.period.set_items(
            [
                (ANY, tr("any time")),
                ("month", tr("this month")),
                ("next_month", tr("next month")),
                ("quarter", tr("this quarter")),
                ("next_quarter", tr("next quarter")),
                ("year", tr("this year")),
            ]
        )
        self.state = DropDown(pill=True)
        self.state.set_items(
            [
                (ANY, tr("in any state")),
                ("rotting", tr("gone quiet")),
                ("overdue", tr("past their closing day")),
            ]
        )
        self.reset = link(tr("Show all"))
        self.search = SearchField(tr("Deal, company or person"), "Ctrl F")
        self.start = Label(tr("Deals of"), "muted")
        self._lay_out()
        for drop in self._drops():
            drop.value_changed.connect(self._tell)
        self.search.text_changed.connect(self._tell)
        self.reset.clicked.connect(self.clear)
        self.show_types(False)
        self._mark()

    def _drops(self) -> tuple[DropDown, ...]:
        return self.types, self.owner, self.product, self.period, self.state

    def _lay_out(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        self._of = Label(tr("of"), "muted")
        # The sentence breaks into a second line before it pushes the search out of the window.
        self._sentence = sentence = QWidget()
        words = FlowLayout(sentence)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        sentence.setSizePolicy(policy)
        for part in (
            self.types,
            self.start,
            self._of,
            self.owner,
            Label(tr("with"), "muted"),
            self.product,
            Label(tr("closing"), "muted"),
            self.period,
            self.state,
            self.reset,
        ):
            if isinstance(part, Label):
                part.setFixedHeight(CHIP_HEIGHT)  # words stand on the line of the pills
            words.addWidget(part)
        box.addWidget(sentence, 1)
        box.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop)
        # The field is higher than the pills: both stand on one middle line.
        sentence.setContentsMargins(0, (FIELD_HEIGHT - CHIP_HEIGHT) // 2, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the search what the sentence leaves of the line."""
        super().resizeEvent(event)
        left = self.width() - self._sentence.sizeHint().width() - 12
        wide = left >= SEARCH_WIDTHS[1]
        self.search.setFixedWidth(max(SEARCH_WIDTHS[0], min(SEARCH_WIDTHS[1], left)))
        self.search.setPlaceholderText(tr("Deal, company or person") if wide else tr("Find"))

    def owner_choices(self) -> list[tuple[int, str]]:
        """Return who can own a deal."""
        return list(self._users)

    def show_types(self, shown: bool) -> None:
        """Let open, won and lost be chosen: the board shows them all, side by side."""
        self._has_types = shown
        self.types.setVisible(shown)
        self._of.setVisible(shown)
        self.start.setVisible(not shown)

    def load_choices(self) -> None:
        """Read who and what can be chosen."""
        Lookup(self, user_options, key="users").then(self._take_users)
        Lookup(self, product_options, "", 500, key="products").then(self._take_products)

    def _take_users(self, users: list[Option]) -> None:
        self._users = [(user.id, user.label) for user in users]
        me = [user for user in users if user.id == self._own_id()]
        items: list[Any] = [(EVERYONE, tr("everyone"))]
        items += [(user.id, tr("me ({name})", name=user.label)) for user in me]
        items += [(user.id, user.label) for user in users if user not in me]
        self.owner.set_items(items)

    def _take_products(self, products: list[Option]) -> None:
        items: list[Any] = [(ANY, tr("any product"))]
        self.product.set_items(items + [(product.id, product.label) for product in products])

    def _own_id(self) -> int | None:
        from views.context import context_of  # noqa: PLC0415

        return context_of(self).user_id

    @property
    def filter(self) -> DealFilter:
        """What the sentence says."""
        start, end = period_days(str(self.period.value))
        kind = self.types.value
        return replace(
            self._base,
            owner_id=self.owner.value if self.owner.value != EVERYONE else None,
            product_id=self.product.value if self.product.value != ANY else None,
            close_from=start,
            close_to=end,
            rotting=self.state.value == "rotting",
            overdue=self.state.value == "overdue",
            text=self.search.text().strip(),
            stage_type=kind if kind != ANY and self._has_types else self._base.stage_type,
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing is chosen but the pipeline."""
        usual = StageType.OPEN if self._has_types else None
        return replace(self.filter, pipeline_id=None) == DealFilter(stage_type=usual)

    def set_base(self, base: DealFilter) -> None:
        """Take what the sentence has no words for: the pipeline, a company, ids behind a chart."""
        self._base = base
        self._mark()

    @property
    def base(self) -> DealFilter:
        """What was set by `set_base`."""
        return self._base

    def take(self, given: DealFilter) -> None:
        """Show the deals behind a figure; what the sentence has words for, it says."""
        self.clear()
        self.set_base(given)
        self.choose(
            types=ANY,
            owner=given.owner_id or EVERYONE,
            product=given.product_id or ANY,
            state="rotting" if given.rotting else "overdue" if given.overdue else ANY,
        )

    def clear(self) -> None:
        """Let everything through again, but for the pipeline."""
        self._base = DealFilter(pipeline_id=self._base.pipeline_id)
        self._quiet = True
        for drop, value in zip(self._drops(), _PLAIN, strict=True):
            drop.set_value(value)
        self.search.set_text("")
        self._quiet = False
        self._tell()

    def choose(self, **values: Any) -> None:
        """Choose in the sentence: types, owner, product, period, state."""
        self._quiet = True
        for name, value in values.items():
            getattr(self, name).set_value(value)
        self._quiet = False
        self._tell()

    def save_state(self) -> dict[str, Any]:
        """Return what is chosen, JSON-able."""
        return {
            "owner": str(self.owner.value),
            "product": str(self.product.value),
            "period": self.period.value,
            "state": self.state.value,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Choose what was chosen before."""
        self._quiet = True
        for name in ("owner", "product"):
            text = str(state.get(name, ""))
            if text.isdigit():
                getattr(self, name).set_value(int(text))
        self.period.set_value(state.get("period", ANY))
        self.state.set_value(state.get("state", ANY))
        self._quiet = False
        self._mark()

    def _tell(self, *_: object) -> None:
        if self._quiet:
            return
        self._mark()
        self.changed.emit(self.filter)

    def _mark(self) -> None:
        for drop, plain in zip(self._drops(), _PLAIN, strict=True):
            drop.set_accented(drop.value != plain)
        self.reset.setVisible(not self.is_plain)
