"""`screenshots DIR`: every page, dialog and empty state, in both themes and both sizes."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.queries.lookups import user_options
from app.queries.showcase import Showcase, showcase
from app.workspace import Workspace
from views.importing_scenes import IMPORTING_SCENES
from views.sharing_scenes import SHARING_SCENES, leave_banner
from views.stage import Stage

SIZES: Final = ((1440, 900), (1024, 700))
THEMES: Final = ("light", "dark")
SETTINGS: Final = (
    "you", "workspace", "pipelines", "fields", "people", "mail", "watched", "imports",
    "sharing", "backups", "appearance", "about",
)  # fmt: skip
PERSON: Final = "Elena Novak"


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: its name and how the window comes to show it."""

    name: str
    show: Callable[[Stage, Showcase], None]


def _page(key: str, kind: str | None = None, field: str = "") -> Callable[[Stage, Showcase], None]:
    def show(stage: Stage, chosen: Showcase) -> None:
        stage.go(key, kind, getattr(chosen, field) if field else None)

    return show


def _new(key: str) -> Callable[[Stage, Showcase], None]:
    def show(stage: Stage, _chosen: Showcase) -> None:
        stage.go(key).new_record()
        stage.settle()

    return show


def _companies(stage: Stage, _chosen: Showcase) -> None:
    stage.go("contacts", section="companies")


def _deal_table(stage: Stage, _chosen: Showcase) -> None:
    stage.go("pipeline", view="table")


def _settings(key: str) -> Callable[[Stage, Showcase], None]:
    def show(stage: Stage, _chosen: Showcase) -> None:
        stage.go("settings", section=key)

    return show


def _palette(stage: Stage, _chosen: Showcase) -> None:
    stage.go("contacts")
    stage.window.open_palette("an")
    stage.settle()


def _shortcuts(stage: Stage, _chosen: Showcase) -> None:
    stage.go("today")
    stage.window.show_shortcuts()
    stage.settle()


def _open(stage: Stage, _chosen: Showcase) -> None:
    stage.go("today")
    stage.window.open_workspace()
    stage.settle()


def _toast(stage: Stage, _chosen: Showcase) -> None:
    stage.go("contacts")
    stage.context.toast("Moved Fleet upgrade to Negotiation", undo_step=1, kind="good")
    stage.context.notice("The drive that holds this workspace is full.", remedy="Free some space.")
    stage.settle()


SCENES: Final = (
    Scene("today", _page("today")),
    Scene("today-new-task", _new("today")),
    Scene("contacts", _page("contacts", "contact", "contact_id")),
    Scene("contacts-new", _new("contacts")),
    Scene("companies", _companies),
    Scene("contact", _page("contact", "contact", "contact_id")),
    Scene("company", _page("company", "company", "company_id")),
    Scene("pipeline", _page("pipeline")),
    Scene("pipeline-deal", _page("pipeline", "deal", "deal_id")),
    Scene("pipeline-new", _new("pipeline")),
    Scene("pipeline-table", _deal_table),
    Scene("deal", _page("deal", "deal", "deal_id")),
    Scene("tickets", _page("tickets", "ticket", "ticket_id")),
    Scene("tickets-new", _new("tickets")),
    Scene("analytics", _page("analytics")),
    *(Scene(f"settings-{key}", _settings(key)) for key in SETTINGS),
    Scene("import", _page("import")),
    Scene("palette", _palette),
    Scene("shortcuts", _shortcuts),
    Scene("open-workspace", _open),
    Scene("toast-and-notice", _toast),
    *(Scene(name, show) for name, show in SHARING_SCENES),
)
EMPTY_SCENES: Final = tuple(
    Scene(f"empty-{key}", _page(key))
    for key in ("today", "contacts", "pipeline", "tickets", "analytics", "import", "imports")
)
IMPORT_SCENES: Final = tuple(Scene(name, show) for name, show in IMPORTING_SCENES)


def run(folder: str | Path, location: str, only: Sequence[str] = ()) -> int:
    """Write all pictures of a workspace, or those named, into a folder; return how many."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    workspace = Workspace.open(location, watch=False)
    names = {option.label: option.id for option in workspace.read(user_options)}
    try:
        if names:
            workspace.set_user(names.get(PERSON, next(iter(names.values()))))
        count = _pictures(workspace, target, SCENES, only)
    finally:
        workspace.close()
    for scenes in (EMPTY_SCENES, IMPORT_SCENES):  # importing writes, so in a place of its own
        if only and not any(scene.name in only for scene in scenes):
            continue
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "new.closeknit"
            new = Workspace.open(path, create=True, user_name=PERSON, watch=False)
            try:
                count += _pictures(new, target, scenes, only)
            finally:
                new.close()
    return count


def _pictures(
    workspace: Workspace, target: Path, scenes: Sequence[Scene], only: Sequence[str]
) -> int:
    chosen = workspace.read(showcase)
    count = 0
    for size in SIZES:
        for theme in THEMES:
            with Stage(workspace, size=size, theme=theme) as stage:
                for scene in scenes:
                    if only and scene.name not in only:
                        continue
                    scene.show(stage, chosen)
                    if scene.name != "toast-and-notice":
                        stage.window.toasts.clear()  # a reminder may have fired meanwhile
                        stage.settle()
                    stage.picture(target / f"{scene.name}-{theme}-{size[0]}.png")
                    stage.dismiss()
                    stage.window.notices.clear()
                    leave_banner(stage)
                    count += 1
    return count
