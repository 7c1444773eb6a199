"""What an agent may do, if the person who starts the server allows it. Guards are never overridden."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from mcp.server.mcpserver import Context
from pydantic import Field

from cli.mcp.questions import Document, Job
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cli.times import parse_until
from cronmend.alerting import render
from cronmend.model.wakeups import RunRequest

Asked = Context[Any, Any]
Jobs = Annotated[str, Field(description="A job, or a pattern with * for <group>/<name>.")]
Until = Annotated[str, Field(description="A date and time such as 2026-12-01T08:00Z, or a duration such as 8h.")]
_NAME: Final = 60
"""The most characters of a program's name that are recorded."""


@dataclass(frozen=True)
class Actions:
    """Each is recorded with the person in the credentials and the name that the program gives itself."""

    stack: Stack

    def rerun(self, job: Job, asked: Asked) -> Document:
        """Run a job now, with the same guards as an automatic re-run. The answer names each guard that blocks it."""
        request = RunRequest(Reader(self.stack).job(job), uuid.uuid4().hex, by=self._by(asked))
        return dict(self.stack.ask_rerun(request))

    def ack(self, job: Job, asked: Asked) -> Document:
        """Acknowledge a job's open incident: stop its reminders and escalation, and show others who has it."""
        name = Reader(self.stack).broken_job(job)
        return {"done": self.stack.acknowledgements.acknowledge(name, self._by(asked), datetime.now(UTC))}

    def mute(self, jobs: Jobs, until: Until, reason: str, asked: Asked, planned: bool = False) -> Document:
        """Mute the alerts of jobs until a given time, at most 30 days. Failures are still recorded.

        With `planned`, the jobs aren't expected to run meanwhile.
        """
        now = datetime.now(UTC)
        end, names = parse_until(until, now), Reader(self.stack).jobs(jobs)
        done = self.stack.acknowledgements.mute(names, end, self._by(asked), reason, now, planned=planned)
        return {"done": done}

    def _by(self, asked: Asked) -> str:
        client = asked.session.client_params
        name = render.one_line(client.client_info.name)[:_NAME] if client else ""
        return f"{self.stack.person} through {name or 'MCP'}"
