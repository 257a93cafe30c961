"""Errors that say whose fault they are; what is neither of these is ours."""

from enum import StrEnum
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


class FaultKind(StrEnum):
    """What of the surroundings fails, which decides how the program goes on."""

    OTHER = "other"
    BUSY = "busy"  # somebody holds it; try again
    STOPPED = "stopped"  # a read was ended
    GONE = "gone"  # the file, the drive or the network is away
    LOST = "lost"  # the server's connection broke: whether a save was stored is not known
    REPLACED = "replaced"  # another file stands in its place
    FULL = "full"  # no room to write
    FORBIDDEN = "forbidden"  # no permission to write
    OUTDATED = "outdated"  # a newer program works there
    DAMAGED = "damaged"  # must not be written any more


class EnvironmentFault(CloseknitError):  # noqa: N818  a fault of the surroundings, not of ours
    """The disk, the network, a file or a server fails; `remedy` says what to do."""

    def __init__(
        self,
        template: str,
        *,
        remedy: str = "",
        kind: FaultKind = FaultKind.OTHER,
        **values: Any,
    ) -> None:
        super().__init__(template, **values)
        self.remedy_template = remedy
        self.kind = kind

    @property
    def remedy(self) -> str:
        """What the person can do, as a sentence."""
        return self.remedy_template.format(**self.values)

    def __str__(self) -> str:
        return " ".join(part for part in (super().__str__(), self.remedy) if part)
