"""Switch a schedule only while no one moves it: a write sends every field back, so one of two would be lost.

Each side stores its lease first and then looks for the other's, so at least one of them sees the other and comes back
later.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from cronmend.errors import Retryable
from cronmend.ports.following import MoveLeases
from cronmend.ports.healing import Switches


class LeasedSwitches(Struct, frozen=True):
    switches: Switches
    leases: MoveLeases
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def hold(self, job: str, mark: str) -> None:
        self._wait_for(job)
        self.switches.hold(job, mark)

    def release(self, job: str, mark: str) -> bool:
        self._wait_for(job)
        return self.switches.release(job, mark)

    def _wait_for(self, job: str) -> None:
        if until := self.leases.leased_until(job, self.clock()):
            raise Retryable(f"another invocation may be moving the schedule {job} until {until:%H:%M:%S} UTC")
