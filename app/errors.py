"""Errors that say whose fault they are; what is neither of these is ours."""

from typing import Any


class CloseknitError(Exception):
    """An error with a sentence for the person, as template and values so it can be translated."""

    def __init__(self, template: str, *, field: str | None = None, **values: Any) -> None:
        super().__init__(template)
        self.template = template
        self.values = values
        self.field = field

    def __str__(self) -> str:
        return self.template.format(**self.values)


class UserError(CloseknitError):
    """Something the person can put right; `field` names the input it belongs beside."""


class EnvironmentFault(CloseknitError):  # noqa: N818  a fault of the surroundings, not of ours
    """The disk, the network, a file or a server fails; `remedy` says what to do."""

    def __init__(self, template: str, *, remedy: str = "", **values: Any) -> None:
        super().__init__(template, **values)
        self.remedy_template = remedy

    @property
    def remedy(self) -> str:
        """What the person can do, as a sentence."""
        return self.remedy_template.format(**self.values)

    def __str__(self) -> str:
        return " ".join(part for part in (super().__str__(), self.remedy) if part)
