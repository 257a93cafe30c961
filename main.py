"""The door: no subcommand opens the window, a subcommand runs without importing Qt."""

import os
import sys

COMMANDS = frozenset(
    {
        "backup",
        "backups",
        "check",
        "demo",
        "export",
        "import",
        "imports",
        "list",
        "logins",
        "mail",
        "move",
        "probe",
        "report",
        "restore",
        "screenshots",
        "show",
        "tour",
        "where",
        "who",
        "--help",
        "-h",
    }
)


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--probe-child"]:  # in the bundle, the program starts itself for a probe
        from app.sharing.probe_child import main as run_child

        return run_child(given[1:])
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
        elif word not in {"--json", "--read-only"} and not word.startswith("--workspace="):
            return word
    return ""


def _open_window(given: list[str]) -> int:
    location = os.environ.get("CLOSEKNIT_WORKSPACE")
    read_only = "--read-only" in given
    words = (word for word in given if word != "--read-only")
    for word in words:
        if word in {"-w", "--workspace"}:
            location = next(words, "")
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
    if location == "":
        print("closeknit: name a workspace after -w: a path or an address.", file=sys.stderr)
        return 2
    if not _has_display():
        print(
            "closeknit: there is no display here to open a window on. Use a command such as "
            "“list” or “report”, or type “make tour” for pictures of the window.",
            file=sys.stderr,
        )
        return 1
    from views.application import run

    return run(location, read_only=read_only)


def _has_display() -> bool:
    """Tell whether a window can be opened; Qt itself would only abort."""
    return not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )


if __name__ == "__main__":
    if getattr(sys, "frozen", False):  # the bundle starts itself anew for an import
        from multiprocessing import freeze_support

        freeze_support()
    sys.exit(main())
