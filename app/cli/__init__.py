"""The command line: the same commands and queries as the window's, and no Qt."""

from app.cli.run import main

__all__ = ["main"]
