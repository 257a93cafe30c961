"""The words of a file for stages, states and people, and what each is to mean here."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.exchange.plan import FilePlan
from app.exchange.word_choices import FieldWords, Word
from models.values import name_key
from views.importing.choice_list import Choice, ChoiceList, Option
from views.importing.words import field_label
from views.shared.labels import Label
from views.shared.text import tr, tr_n

AS_IT_IS: Final = "="
EMPTY: Final = "-"
MEANS: Final = ":"  # before the word that is meant
_PEOPLE: Final = frozenset({"owner", "user"})


class WordsView(QWidget):
    """Tells `words_chosen` with all translations, as `Taking.words` holds them."""

    words_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = ChoiceList(tr("Words of the file"))
        self.list.decided.connect(self._decide)
        self.nothing = Label("", "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setContentsMargins(24, 24, 24, 24)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.nothing, 1)
        box.addWidget(self.list, 1)
        self._words: dict[str, dict[str, str | None]] = {}

    def show_words(self, plan: FilePlan, fields: Sequence[FieldWords] | None) -> None:
        """Show the words of a file; None while they are read."""
        self._words = {key: dict(words) for key, words in plan.taking.words.items()}
        rows: list[Choice] = []
        for each in fields or ():
            chosen = plan.taking.words.get(each.field, {})
            rows.append(_heading(plan, each))
            rows += [_row(each, word, chosen) for word in each.words]
        self.nothing.set_text(
            tr("Looking at the words …")
            if fields is None
            else tr("No column of this file holds words for stages, states or people.")
        )
        self.nothing.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self.list.show_rows(rows)

    def _decide(self, key: object, value: object) -> None:
        if not isinstance(key, tuple) or not isinstance(value, str):
            return
        field, word = key
        words = self._words.setdefault(field, {})
        if value == AS_IT_IS:
            words.pop(name_key(word), None)
        else:
            words[name_key(word)] = None if value == EMPTY else value.removeprefix(MEANS)
        self.words_chosen.emit({key: dict(words) for key, words in self._words.items() if words})


def unknown_count(fields: Sequence[FieldWords], plan: FilePlan) -> int:
    """Return how many words are known neither here nor to the person yet."""
    return sum(
        word.known is None and name_key(word.text) not in plan.taking.words.get(each.field, {})
        for each in fields
        for word in each.words
    )


def _heading(plan: FilePlan, each: FieldWords) -> Choice:
    unknown = each.unknown
    count = tr_n("{n} unknown word", "{n} unknown words", unknown) if unknown else tr("all known")
    label = field_label(plan.kind, each.field)
    return Choice(None, label, "", count, None, (), heading=True)


def _row(each: FieldWords, word: Word, chosen: Mapping[str, str | None]) -> Choice:
    key = name_key(word.text)
    value: Any = AS_IT_IS
    if key in chosen:
        meant = chosen[key]
        value = EMPTY if meant is None else f"{MEANS}{meant}"
    options: list[Option] = [(AS_IT_IS, _as_it_is(each, word)), (EMPTY, tr("Leave empty"))]
    known = [*each.options]
    meant = chosen.get(key)
    if meant is not None and meant not in known:
        known.insert(0, meant)
    options += [(f"{MEANS}{option}", _title(each, option)) for option in known]
    count = tr_n("{n} row", "{n} rows", word.count)
    return Choice(
        (each.field, word.text), word.text, "", count, value, tuple(options),
        doubtful=word.known is None and key not in chosen and not each.makes,
    )  # fmt: skip


def _as_it_is(each: FieldWords, word: Word) -> str:
    if word.known is not None:
        return _title(each, word.known)
    if not each.makes:
        return tr("Not known: left empty")
    if each.field in _PEOPLE:
        return tr("New user “{name}”", name=word.text)
    return tr("New stage “{name}”", name=word.text)


def _title(each: FieldWords, option: str) -> str:
    return option if each.makes else tr(option.replace("_", " ").capitalize())
