"""Words that a person sees, in the person's language."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QCoreApplication

CONTEXT: Final = "Closeknit"
NBHY: Final = "\u2011"


def tr(text: str, /, **values: Any) -> str:
    """Translate a sentence and fill its places: ``tr("Moved {deal}", deal=name)``."""
    translated = QCoreApplication.translate(CONTEXT, text)
    return translated.format(**values) if values else translated


def tr_n(one: str, many: str, n: int, /, **values: Any) -> str:
    """Translate a sentence that counts; both forms may hold ``{n}``.

    ``n`` is written by the rules of the locale ("1 204 people").
    """
    from views.shared.format import number  # noqa: PLC0415 - format itself needs tr

    source = one if n == 1 else many
    translated = QCoreApplication.translate(CONTEXT, source, "", n)
    # Qt replaces %n in translations; ours name the count like every other value.
    return translated.format(**{"n": number(n), **values})


def translate_error(error: Exception) -> str:
    """Give the sentence of a UserError or EnvironmentFault in the person's language."""
    template = getattr(error, "template", None)
    if not isinstance(template, str):
        return str(error)
    values: dict[str, Any] = dict(getattr(error, "values", None) or {})
    return QCoreApplication.translate(CONTEXT, template).format(**values)


def error_words(error: Exception) -> str:
    """Give an error's sentence and, where it has one, its remedy."""
    template = getattr(error, "remedy_template", "")
    values: dict[str, Any] = dict(getattr(error, "values", None) or {})
    remedy = QCoreApplication.translate(CONTEXT, template).format(**values) if template else ""
    return " ".join(part for part in (translate_error(error), remedy) if part)
