"""Pipelines, stages and the moves of deals that come in files of their own, in any order.

What a row points to and has not come is made under its id, because a stage cannot be without a
pipeline nor a move without a deal; the other's own row finds it by that id and fills it in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from app.exchange.books import PlainBook
from app.exchange.kinds import pipeline as pipelines
from app.exchange.kinds import stage as stages
from app.exchange.kinds.placeholders import make_placeholder
from app.exchange.shaping import Ref, Shaped, key_of
from models.clock import local_zone
from models.records import Deal, Pipeline, Stage
from models.values import StageType, fold, name_key

_MEAN: Final = 50  # percent: nothing is known of the stage
# An import of deals concludes from a day when a deal came to its stage.
_SAME: Final = timedelta(days=1)
_UNSORTED: Final = "unsorted"  # the id of the pipeline of stages that have not come


class PipelineBook(PlainBook):
    """Puts new pipelines behind those there are."""

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return the place in the list of pipelines."""
        return {} if "position" in shaped.columns else {"position": self._next()}

    def _next(self) -> int:
        memory, session = self.state.memory, self.state.directory.session
        if "pipeline_position" not in memory:
            last = session.scalar(select(func.max(Pipeline.position))) if session else None
            memory["pipeline_position"] = -1 if last is None else last
        memory["pipeline_position"] += 1
        return int(memory["pipeline_position"])

    def stand_in(self, external: str, name: str, number: int) -> int:
        """Return the pipeline of an id, made where it has not come."""
        directory, system = self.state.directory, self.state.plan.system
        directory.ask("pipeline", f"external:{system}", [external])
        known = directory.candidates("pipeline", f"external:{system}", external)
        if known:
            return known[0]
        key = key_of("pipeline", name)[:120]
        values = {"name": name, "name_key": key, "position": self._next()}
        row = make_placeholder(self.state, self.ledger, "pipeline", external, values, number)
        directory.add("pipeline", "name", key, row["id"])
        return int(row["id"])


class StageBook(PlainBook):
    """Puts stages into their pipelines; a deal follows its stage into the pipeline."""

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Find the pipeline of each stage, made under its id where it has not come, and the stage.

        A stage that came with deals has a name only: it is known by that in its pipeline.
        """
        del ids
        for each in shaped:
            waiting = each.extra.get("waiting", [])
            ref = next((r for r in waiting if r.column == "pipeline_id"), None)
            if ref is not None:
                each.extra["waiting"] = [r for r in waiting if r is not ref]
                name = pipelines.stand_in(ref.value)
                book = PipelineBook(self.state, self.ledger)
                each.columns["pipeline_id"] = book.stand_in(ref.value, name, each.draft.row)
        directory = self.state.directory
        places = {each.columns["pipeline_id"]: None for each in shaped}
        directory.load_children("stage", "pipeline_id", places)
        for pipeline_id in places:
            for stage in directory.children("stage", pipeline_id):
                key = f"{pipeline_id}|{name_key(stage['name'])}"
                directory.add("stage", "place", key, stage["id"])
        for each in shaped:
            key = f"{each.columns['pipeline_id']}|{name_key(each.columns['name'])}"
            each.keys.append(("place", key))
        found = directory.all_candidates("stage", "place", [each.keys[-1][1] for each in shaped])
        directory.load("stage", found)
        directory.load_external("stage", found)

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return the place in the pipeline, and what the stage means where nothing says it."""
        columns: dict[str, Any] = {}
        if "position" not in shaped.columns:
            columns["position"] = self._next(shaped.columns["pipeline_id"])
        if "type" not in shaped.columns:
            columns["type"] = StageType.OPEN
        return columns

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Let the deals of a stage follow it into another pipeline."""
        del own
        session = self.state.directory.session
        if session is None:
            return False
        table = Deal.__table__
        wanted = {"pipeline_id": current["pipeline_id"], "stage_type": current["type"]}
        different = table.c.pipeline_id.is_distinct_from(current["pipeline_id"]) | (
            table.c.stage_type.is_distinct_from(current["type"])
        )
        rows = session.execute(
            select(table).where(table.c.stage_id == current["id"], different)
        ).all()
        for row in rows:
            deal = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name
            mine = self.state.touched.get(deal["id"]) in {"created", "made"}
            self.ledger.update("deal", deal, wanted, shaped.draft.row, own=mine)
        return bool(rows)

    def _next(self, pipeline_id: int) -> int:
        places: dict[int, int] = self.state.memory.setdefault("stage_positions", {})
        if pipeline_id not in places:
            session = self.state.directory.session
            last = None
            if session is not None:
                last = session.scalar(
                    select(func.max(Stage.position)).where(Stage.pipeline_id == pipeline_id)
                )
            places[pipeline_id] = -1 if last is None else last
        places[pipeline_id] += 1
        return places[pipeline_id]

    def stand_in(self, external: str, number: int) -> dict[str, Any]:
        """Return a stage made under its id, in a pipeline for stages that have not come."""
        book = PipelineBook(self.state, self.ledger)
        pipeline_id = book.stand_in(_UNSORTED, f"Pipeline of {self.state.plan.system}", number)
        values = {
            "pipeline_id": pipeline_id,
            "name": stages.stand_in(external),
            "position": self._next(pipeline_id),
            "type": StageType.OPEN,
            "probability": _MEAN,
        }
        return make_placeholder(self.state, self.ledger, "stage", external, values, number)


class StageChangeBook(PlainBook):
    """Puts moves into the histories of their deals, between those that came before and after."""

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Find deal and stage of each move, and the move itself in the deal's history."""
        del ids
        directory = self.state.directory
        known = [each.columns["deal_id"] for each in shaped if "deal_id" in each.columns]
        directory.load("deal", known)
        places = [deal["pipeline_id"] for x in known if (deal := directory.current(x))]
        directory.load_children("stage", "pipeline_id", places)
        for each in shaped:
            self._place(each, "to_stage_id")
        directory.load("stage", [each.columns["to_stage_id"] for each in shaped])
        for each in shaped:
            self._place(each, "deal_id")
        deals = [each.columns["deal_id"] for each in shaped]
        directory.load("deal", deals)
        directory.load_external("deal", deals)
        directory.load_children("stage_change", "deal_id", deals)
        for each in shaped:
            self._find(each)

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Put the move into the deal's history: what it came from, and how long it stood there."""
        history = self.state.directory.children("stage_change", row["deal_id"])
        history.append(row)
        self._link_up(row, shaped.draft.row)
        if row is max(history, key=_order):
            self._move_placeholder(shaped, row)

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Reckon anew how long the deal stood where it came from; say if that has changed."""
        del own
        return self._link_up(current, shaped.draft.row)

    def _link_up(self, row: dict[str, Any], number: int) -> bool:
        """Let a move and the one after it follow from what comes before them."""
        history = sorted(self.state.directory.children("stage_change", row["deal_id"]), key=_order)
        place = next(n for n, each in enumerate(history) if each["id"] == row["id"])
        changed = False
        for n in range(place, min(place + 2, len(history))):
            move, before = history[n], history[n - 1] if n else None
            wanted = {
                "from_stage_id": before["to_stage_id"] if before else None,
                "seconds_in_from": _seconds(before["at"], move["at"]) if before else None,
            }
            changes = {key: value for key, value in wanted.items() if move[key] != value}
            if changes:
                own = self.state.touched.get(move["id"]) in {"created", "made"}
                self.ledger.update("stage_change", move, changes, number, own=own)
                changed = True
        return changed

    def _move_placeholder(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Let a deal of which only the id is known stand where its last move has left it."""
        directory = self.state.directory
        deal = directory.current(row["deal_id"])
        stage = directory.current(row["to_stage_id"])
        external = directory.external(row["deal_id"]).get(self.state.plan.system, "")
        if deal is None or stage is None or deal["name"] != _deal_name(external):
            return
        changes = {
            "stage_id": stage["id"],
            "pipeline_id": stage["pipeline_id"],
            "stage_type": stage["type"],
            "stage_since": row["at"],
        }
        changes = {key: value for key, value in changes.items() if deal[key] != value}
        if changes:
            own = self.state.touched.get(deal["id"]) in {"created", "made"}
            self.ledger.update("deal", deal, changes, shaped.draft.row, own=own)

    def _place(self, shaped: Shaped, column: str) -> None:
        if column in shaped.columns:
            return
        waiting: list[Ref] = shaped.extra.get("waiting", [])
        ref = next(r for r in waiting if r.column == column)
        shaped.extra["waiting"] = [r for r in waiting if r is not ref]
        directory, kind = self.state.directory, ref.kinds[0]
        known = directory.candidates(kind, f"external:{self.state.plan.system}", ref.value)
        named = self._by_name(shaped, ref.value) if kind == "stage" else None
        if known:  # by a row above
            shaped.columns[column] = known[0]
        elif named is not None:
            shaped.columns[column] = named
        elif kind == "stage":
            row = StageBook(self.state, self.ledger).stand_in(ref.value, shaped.draft.row)
            self._tell(shaped, "stage_ref", ref.value, "stage")
            shaped.columns[column] = row["id"]
        else:
            shaped.columns[column] = self._deal(shaped, ref.value)["id"]

    def _by_name(self, shaped: Shaped, name: str) -> int | None:
        """Return the stage of this name in the deal's pipeline: not all programs give an id."""
        directory = self.state.directory
        deal = directory.current(shaped.columns.get("deal_id", 0))
        if deal is None:
            return None
        key = name_key(name)
        return next(
            (
                int(stage["id"])
                for stage in directory.children("stage", deal["pipeline_id"])
                if name_key(stage["name"]) == key
            ),
            None,
        )

    def _deal(self, shaped: Shaped, external: str) -> dict[str, Any]:
        self._tell(shaped, "deal_ref", external, "deal")
        stage = self.state.directory.current(shaped.columns["to_stage_id"]) or {}
        at: datetime = shaped.columns["at"]
        values = {
            "name": _deal_name(external),
            "sort_name": fold(_deal_name(external)),
            "pipeline_id": stage["pipeline_id"],
            "stage_id": stage["id"],
            "stage_type": stage["type"],
            "stage_since": at,
            "opened_on": at.astimezone(local_zone()).date(),
            "currency": self.state.region.currency,
            "board_order": float(shaped.draft.row),
        }
        return make_placeholder(self.state, self.ledger, "deal", external, values, shaped.draft.row)

    def _tell(self, shaped: Shaped, field: str, external: str, what: str) -> None:
        shaped.draft.complain(
            field, external,
            f"This {what} has not come yet, so one was made under its id. Import the {what}s too: "
            "their rows will fill it in.",
        )  # fmt: skip

    def _find(self, shaped: Shaped) -> None:
        """Look for the move in the deal's history, and give it the key it is found by."""
        columns, directory = shaped.columns, self.state.directory
        deal_id, to_id, at = columns["deal_id"], columns["to_stage_id"], columns["at"]
        key = f"{deal_id}|{to_id}|{at.isoformat()}"
        shaped.keys.append(("move", key))
        known = directory.children("stage_change", deal_id)
        exact = [x for x in known if x["to_stage_id"] == to_id and x["at"] == at]
        # A move that a file has noted to the second is no other's; one of a deal's own row was
        # concluded from a day and has noon for its hour, the first of them a mere guess.
        near = [x for x in known if _is_noon(x["at"]) and abs(x["at"] - at) < _SAME]
        alike = [x for x in near if x["to_stage_id"] == to_id]
        found = exact or alike or [x for x in near if x["from_stage_id"] is None]
        if found:
            record_id: int = found[0]["id"]
            directory.add("stage_change", "move", key, record_id)
            directory.load("stage_change", [record_id])
            known[known.index(found[0])] = directory.current(record_id) or found[0]


def _is_noon(moment: datetime) -> bool:
    local = moment.astimezone(local_zone())
    return (local.hour, local.minute, local.second) == (12, 0, 0)


def _order(move: Mapping[str, Any]) -> tuple[datetime, int]:
    return move["at"], move["id"]


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))


def _deal_name(external: str) -> str:
    return f"Deal {external}"[:300]
