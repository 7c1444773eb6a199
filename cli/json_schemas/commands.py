"""Which command prints which document."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cli.json_schemas import before_installing, measured, on_call, on_files, overview
from cli.json_schemas.shapes import Schema

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {
    "ack": on_call.done,
    "alert canary": on_files.canary,
    "alert channels": on_files.channels,
    "alert check": on_files.check,
    "alert preview": on_files.preview,
    "alert routes": on_files.routes,
    "audit": overview.audit,
    "bench board": measured.figures,
    "bench calls": measured.costs,
    "bench checks": measured.costs,
    "bench corpus": measured.corpus,
    "bench follow": measured.figures,
    "bench foresight": measured.figures,
    "bench missed": measured.figures,
    "bench redact": measured.figures,
    "bench storm": measured.figures,
    "board": overview.board,
    "catch-up": on_call.catch_up,
    "circuit close": on_call.done,
    "demo": measured.demo,
    "doctor": overview.doctor,
    "explain": on_files.explain,
    "findings": on_call.findings,
    "follow": on_call.follow,
    "history": on_call.history,
    "hold list": on_call.holds,
    "incidents": on_call.incidents,
    "jobs check": on_files.check,
    "jobs diff": on_files.diff,
    "jobs load": on_files.load,
    "jobs next": on_files.next_slots,
    "local break": measured.break_,
    "local messages": measured.messages,
    "local status": measured.status,
    "logs": on_call.logs,
    "mode": on_call.mode,
    "mute": on_call.done,
    "mutes": on_call.mutes,
    "redrive": on_call.redrive,
    "report": overview.report,
    "rerun": on_call.rerun,
    "simulate": on_files.simulate,
    "unmute": on_call.done,
    "what-if": before_installing.what_if,
    "why": on_call.why,
}


def document(command: str) -> dict[str, Any]:
    """The whole schema. It allows unknown keys: a later version may add some."""
    return {"$schema": DRAFT, "title": f"cronmend {command} --json", **SCHEMAS[command]()}
