"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.errors import EnvironmentFault, FaultKind, UserError


@contextmanager
def written_whole(path: Path, *, force: bool) -> Iterator[Path]:
    """Give the path of a draft beside the file; it takes the file's name when all went well.

    Raises UserError where the file is there already and `force` is not given, EnvironmentFault
    where it cannot be written.
    """
    check_target(path, force=force)
    draft = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        if not force and path.exists():  # somebody was quicker
            raise _taken(path)
        draft.replace(path)
    except OSError as error:
        raise EnvironmentFault(
            "{file} cannot be written: {reason}.",
            remedy="Choose another folder, or make room on the disk.",
            kind=FaultKind.OTHER,
            file=str(path),
            reason=error.strerror or str(error),
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def check_target(path: Path, *, force: bool) -> None:
    """Refuse a path at which nothing can be written."""
    if path.is_dir():
        raise UserError("{file} is a folder. Give the name of a file in it.", file=str(path))
    if not path.parent.is_dir():
        raise UserError(
            "The folder {folder} does not exist. Make it first, or choose another.",
            folder=str(path.parent),
        )
    if path.exists() and not force:
        raise _taken(path)


def _taken(path: Path) -> UserError:
    return UserError(
        "{file} is there already and was left as it is. Give another name, or add --force.",
        file=str(path),
    )
