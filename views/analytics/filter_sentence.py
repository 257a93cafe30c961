"""The filter as a sentence: which deals, whose, for when, against when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.queries.analytics_page import AnalyticsAnswer, Wanted, compared
from app.queries.periods import PAST, RUNNING, Period, named_period
from views.analytics.words import against_words, period_words
from views.shared.chips import DropDown
from views.shared.format import moment_words
from views.shared.labels import Label
from views.shared.text import tr

ALL = "all"


class FilterSentence(QWidget):
    """Four choices in a line; `changed` carries what is wanted."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = Wanted()
        self._quiet = self._narrow = False
        self._period: Period | None = None
        self._begin = Label(tr("Deals in"), "muted")
        self.pipeline = DropDown(pill=True, icon="handshake")
        self.owner = DropDown(pill=True, icon="users")
        self.period = DropDown(pill=True, icon="calendar")
        self.against = DropDown(pill=True)
        self.counted = Label("", "muted")
        self.pipeline.set_items([(ALL, tr("every pipeline"))])
        self.owner.set_items([(ALL, tr("everyone"))])
        self.period.set_items([("quarter", period_words("quarter"))])
        self.period.set_accented(True)
        self._lay_out()
        for drop in (self.pipeline, self.owner, self.period, self.against):
            drop.value_changed.connect(self._tell)

    def _lay_out(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for part in (
            self._begin,
            self.pipeline,
            Label(tr("of"), "muted"),
            self.owner,
            Label(tr("for"), "muted"),
            self.period,
            Label(tr("against"), "muted"),
            self.against,
        ):
            box.addWidget(part)
        box.addStretch(1)
        box.addWidget(self.counted)

    def set_narrow(self, narrow: bool) -> None:
        """Say it in fewer words where there is no room."""
        self._narrow = narrow
        self.counted.setVisible(not narrow)
        self._begin.setVisible(not narrow)
        if self._period is not None:
            self._offer_against(self._period)

    def show_answer(self, answer: AnalyticsAnswer, own_id: int | None) -> None:
        """Offer what there is and show what was counted."""
        self.wanted, choices = answer.wanted, answer.choices
        self._quiet = True
        self.pipeline.set_items(
            [(ALL, tr("every pipeline")), *((one.id, one.label) for one in choices.pipelines)]
        )
        owners: list[Any] = [(ALL, tr("everyone"))]
        me = [one for one in choices.owners if one.id == own_id]
        owners += [(one.id, tr("me ({name})", name=one.label)) for one in me]
        owners += [(team, tr("team {name}", name=team)) for team in choices.teams]
        owners += [(one.id, one.label) for one in choices.owners if one.id != own_id]
        self.owner.set_items(owners)
        keys = [*RUNNING, *PAST, *choices.past_periods()]
        key = answer.numbers.period.key
        self.period.set_items(
            [(one, period_words(one)) for one in (keys if key in keys else [*keys, key])]
        )
        day = answer.choices.day
        self._offer_against(named_period(key, day))
        self.pipeline.set_value(self.wanted.pipeline_id or ALL)
        self.owner.set_value(self.wanted.owner_id or self.wanted.team or ALL)
        self.period.set_value(key)
        self.against.set_value(self.wanted.against)
        moment = moment_words(answer.numbers.counted_at).split(" ")[-1]
        self.counted.set_text(tr("Counted {time} today", time=moment))
        self._quiet = False

    def _offer_against(self, period: Period) -> None:
        self._period = period
        self.against.set_items(
            [
                (key, against_words(compared(period, key), brief=self._narrow))
                for key in ("before", "year_before")
            ]
        )

    def _tell(self, _value: object = None) -> None:
        if self._quiet:
            return
        owner = self.owner.value
        pipeline = self.pipeline.value
        self.wanted = replace(
            self.wanted,
            pipeline_id=pipeline if isinstance(pipeline, int) else None,
            owner_id=owner if isinstance(owner, int) else None,
            team=owner if isinstance(owner, str) and owner != ALL else None,
            period=self.period.value,
            against=self.against.value or "before",
        )
        self.changed.emit(self.wanted)
