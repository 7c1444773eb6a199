"""Keep in each job's state which schedules' runs look like its own, so that an event that is handled after one of them
was deleted needs no further read."""

from collections.abc import Callable, Sequence
from copy import replace
from datetime import datetime

from msgspec import Struct, field

from cronmend.jobs import look_alikes
from cronmend.jobs.look_alikes import Changed
from cronmend.model.incident import Change, JobState
from cronmend.model.timetables import Timetable
from cronmend.ports.healing import JobStates
from cronmend.ports.timetables import Timetables
from cronmend.use_cases.commit import commit


class Kept(Struct):
    rows: dict[str, Timetable]
    """By job, as they are now."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """The jobs whose states couldn't be written, each with the error."""
    left: int = 0
    """Jobs that are left for the next check."""
    needed: set[str] = field(default_factory=set)
    """The jobs of which the next check needs the rows to write what this one couldn't."""


class LookAlikes(Struct, frozen=True):
    job_states: JobStates
    timetables: Timetables

    def kept(
        self, before: Sequence[Timetable], after: Sequence[Timetable], now: datetime, is_time_up: Callable[[], bool]
    ) -> Kept:
        """The state is written before the row: after a crash in between, it is written again."""
        kept = Kept({row.job: row for row in after})
        for change in look_alikes.changed(before, after):
            if is_time_up():
                kept.left += 1
                kept.needed |= {change.job, *change.gone}
                continue
            try:
                self._write(change, kept, now)
            except Exception as error:  # noqa: BLE001 # a state of any content must not stop the others; it is logged
                kept.failed.append((change.job, f"{type(error).__name__}: {error}"))
                kept.needed |= {change.job, *change.gone}
        return kept

    def _write(self, change: Changed, kept: Kept, now: datetime) -> None:
        commit(self.job_states, change.job, now, lambda state: _renewed(state, change, now))
        if row := kept.rows.get(change.job):
            kept.rows[row.job] = replace(row, look_alikes=change.present)
            self.timetables.put(kept.rows[row.job])


def _renewed(state: JobState, change: Changed, now: datetime) -> Change | None:
    found = look_alikes.renewed(state.look_alikes, change, now)
    return Change(replace(state, look_alikes=found)) if found != state.look_alikes else None
