"""The commands `where` and `probe`."""

import argparse
import sys
from pathlib import Path
from typing import Any

from app.cli.run import DONE, FAILED, print_json
from app.errors import CloseknitError, UserError
from app.sharing.handshake import Partner, Side, invite, join, result_json
from app.sharing.placement import placement
from app.sharing.probe import ProbeResult, probe
from app.sharing.verdict import Mode, Verdict

_INTERACTIVE_SECONDS = 600.0
_WORDS = {
    Mode.LOCAL: "local",
    Mode.SHARED: "shared, with rollback journal",
    Mode.ONE_COMPUTER: "one computer at a time",
    Mode.READ_ONLY: "read-only",
    Mode.REFUSED: "refused",
}


def run_where(args: argparse.Namespace) -> int:
    """Print the verdict on a place; status 1 where a workspace cannot even be read there."""
    verdict = placement(_path(args))
    if args.json:
        print_json({"path": args.path} | verdict.as_json())
    else:
        _print_verdict(verdict)
    return _status(verdict)


def run_probe(args: argparse.Namespace) -> int:
    """Try SQLite at a place, and check two computers together; status 1 where that fails."""
    path = _path(args)
    verdict = placement(path)
    if args.join:
        return _join(path, verdict, args)
    found: dict[str, Any] = {"path": args.path, "verdict": verdict.as_json()}
    if not args.json:
        _print_verdict(verdict)
    status = _status(verdict)
    try:
        if verdict.mode not in {Mode.REFUSED, Mode.READ_ONLY}:
            status = _try(path, verdict, args, found)
    finally:
        if args.json:
            print_json(found)
    return status


def _path(args: argparse.Namespace) -> Path:
    if "://" in args.path:
        raise UserError(
            "This is the address of a server, not a path. A server needs no check of its place: "
            "several computers may always work with it."
        )
    return Path(args.path).expanduser()


def _try(path: Path, verdict: Verdict, args: argparse.Namespace, found: dict[str, Any]) -> int:
    tried = probe(path)
    found["probe"] = tried.as_json()
    if not args.json:
        _print_probe(tried)
    if not tried.passed:
        print(f"closeknit: {tried.checks[-1].detail}", file=sys.stderr)
        return FAILED
    seconds = _seconds(args, verdict)
    if seconds:
        partner = invite(path, Side.here(verdict), show=_show_code, seconds=seconds)
        _store(path, partner)
        found["handshake"] = result_json(partner)
        if not args.json:
            print(f"Passed together with {partner.host}: both may write here.")
    elif verdict.needs_handshake and not args.json:
        print(
            "Only two computers together can show that locks hold: type “probe PATH "
            "--wait-for-partner 600” on this one and follow the code on the other."
        )
    return DONE


def _seconds(args: argparse.Namespace, verdict: Verdict) -> float:
    if args.wait_for_partner is not None:
        return float(args.wait_for_partner)
    asked = verdict.needs_handshake and sys.stdin.isatty() and not args.json
    return _INTERACTIVE_SECONDS if asked else 0


def _show_code(code: str) -> None:
    print(
        f"The code is {code}. On the other computer, type: closeknit probe PATH --join {code}",
        file=sys.stderr,
        flush=True,
    )


def _join(path: Path, verdict: Verdict, args: argparse.Namespace) -> int:
    partner = join(path, Side.here(verdict), args.join)
    _store(path, partner)
    if args.json:
        print_json({"path": args.path, "handshake": result_json(partner)})
    else:
        print(f"Passed together with {partner.host}: both may write here.")
    return DONE


def _store(path: Path, partner: Partner) -> None:
    """Keep the pass in the workspace, on the side that may write to it."""
    from app.sharing.machine import host_name
    from app.sharing.passes import store_machine_pass
    from app.workspace import Workspace

    if not path.is_file():  # a place was checked, no workspace
        return
    try:
        workspace = Workspace.open(path, watch=False)
    except CloseknitError as error:
        print(f"closeknit: the pass could not be kept. {error}", file=sys.stderr)
        return
    try:
        if not getattr(workspace, "read_only", False):
            workspace.change(
                "Computer checked",
                store_machine_pass,
                machine=partner.machine,
                mount=partner.mount,
                host=partner.host,
                checked_with=host_name(),
            )
    finally:
        workspace.close()


def _status(verdict: Verdict) -> int:
    if verdict.is_usable:
        return DONE
    print(f"closeknit: {verdict.why} {verdict.remedy}".rstrip(), file=sys.stderr)
    return FAILED


def _print_verdict(verdict: Verdict) -> None:
    print(f"{_WORDS[verdict.mode]} ({verdict.place_kind})")
    if verdict.is_usable:  # else standard error says so
        print(verdict.why)
        if verdict.remedy:
            print(verdict.remedy)


def _print_probe(tried: ProbeResult) -> None:
    for check in tried.checks:
        print(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.detail}")
    print(f"({tried.seconds:.1f} s)")
