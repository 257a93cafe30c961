"""Where things lie on this computer."""

import os
from pathlib import Path


def config_folder() -> Path:
    """Return the folder of the program's own settings; CLOSEKNIT_HOME overrides it."""
    from platformdirs import user_config_path

    home = os.environ.get("CLOSEKNIT_HOME")
    return Path(home) if home else user_config_path("closeknit", appauthor=False)


def cache_folder() -> Path:
    """Return the folder of what can be made again (fonts)."""
    from platformdirs import user_cache_path

    home = os.environ.get("CLOSEKNIT_HOME")
    return Path(home) / "cache" if home else user_cache_path("closeknit", appauthor=False)


def data_folder() -> Path:
    """Return the folder of logs and backups."""
    from platformdirs import user_data_path

    home = os.environ.get("CLOSEKNIT_HOME")
    return Path(home) / "data" if home else user_data_path("closeknit", appauthor=False)


def documents_folder() -> Path:
    """Return the person's documents folder, where workspaces are made."""
    from platformdirs import user_documents_path

    home = os.environ.get("CLOSEKNIT_HOME")
    return Path(home) / "documents" if home else user_documents_path()


def default_workspace() -> Path:
    """Return the path of the workspace that a first start makes."""
    return documents_folder() / "My business.closeknit"


def resources_folder() -> Path:
    """Return the folder of themes, translations and templates, also inside a bundle."""
    return Path(__file__).resolve().parent.parent / "resources"
