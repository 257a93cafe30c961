"""The door: no subcommand opens the window, a subcommand runs without importing Qt."""

import os
import sys

COMMANDS = frozenset(
    {"demo", "import", "list", "show", "report", "screenshots", "tour", "check", "--help", "-h"}
)


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if _first_word(given) in COMMANDS:
        from app.cli import main as run_command

        return run_command(given)
    return _open_window(given)


def _first_word(given: list[str]) -> str:
    """Return the first word that is not the workspace option or its value."""
    words = iter(given)
    for word in words:
        if word in {"-w", "--workspace"}:
            next(words, None)
        elif word != "--json" and not word.startswith("--workspace="):
            return word
    return ""


def _open_window(given: list[str]) -> int:
    location = os.environ.get("CLOSEKNIT_WORKSPACE")
    words = iter(given)
    for word in words:
        if word in {"-w", "--workspace"}:
            location = next(words, None)
        elif word.startswith("--workspace="):
            location = word.removeprefix("--workspace=")
        elif word.startswith("-"):
            print(
                f"closeknit: there is no option {word}; “--help” lists what there is.",
                file=sys.stderr,
            )
            return 2
        else:
            location = word
    from views.application import run

    return run(location)


if __name__ == "__main__":
    sys.exit(main())
