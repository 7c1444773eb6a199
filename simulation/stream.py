"""The ledger's stream: the messages in the order in which they were written, in batches, each until it is delivered."""

from collections.abc import Callable, Sequence

from cronmend.model.report import Message
from simulation.chance import Chance
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas
from simulation.ledger_entries import jobs_of
from simulation.weather import Weather
from simulation.witness import Witness

BATCH = 100
TRIES = 50
OLDEST = 3600.0
"""Seconds after which a record is dropped."""
TIMEOUT = 300.0


class Stream:
    def __init__(
        self,
        kernel: Kernel,
        chance: Chance,
        weather: Weather,
        lambdas: Lambdas,
        witness: Witness,
        written: Sequence[Message],
    ) -> None:
        """``written`` grows with every message that the ledger stores."""
        self._kernel = kernel
        self._chance = chance
        self._weather = weather
        self._lambdas = lambdas
        self._witness = witness
        self._written = written
        self._seen = 0
        self._at: list[float] = []
        self._next = 0
        self._tries = 0
        self._batches = 0
        self._is_busy = False
        self.handle: Callable[[Sequence[Message]], int | None]
        """Handles a batch; the number of its first message that failed, None if none did."""

    def look(self) -> None:
        """Add the messages written since the last check."""
        for message in self._written[self._seen :]:
            self._at.append(self._kernel.now)
            report = message.report
            facts = {"jobs": jobs_of(report), "text": report.headline}
            self._witness.saw("wrote", kind=report.kind.value, job=message.job, incident=message.incident, **facts)
        self._seen = len(self._written)
        self._wake(0.4)

    def _wake(self, delay: float) -> None:
        if not self._is_busy and self._next < self._seen:
            self._is_busy = True
            self._kernel.start(self._kernel.now + delay, self._batch)

    def _batch(self) -> None:
        batch, failed = self._written[self._next : self._next + BATCH], [0]
        key = f"stream-{self._next}/{self._batches}"
        self._batches += 1
        self._lambdas.events += 1
        ended = self._lambdas.once("failure_alert", key, TIMEOUT, lambda: failed.__setitem__(0, self._handled(batch)))
        done = failed[0] if ended else 0
        self._is_busy = False
        self._tries = 0 if done else self._tries + 1
        self._next += done
        replays = done == len(batch) and self._weather.has("replays", self._kernel.now)
        if replays and self._chance.happens(0.1, f"replay/{key}"):
            self._next = max(0, self._next - 1 - int(self._chance.number(f"replay/{key}/by") * 5))
        if self._tries and (self._tries > TRIES or self._kernel.now - self._at[self._next] > OLDEST):
            message = self._written[self._next]
            self._witness.saw("undelivered", queue="stream", job=message.job, about=message.change)
            self._next, self._tries = self._next + 1, 0
        self._wake(min(60.0, 2.0**self._tries) if self._tries else 0.2)

    def _handled(self, batch: Sequence[Message]) -> int:
        """How many from the front were delivered."""
        first = self.handle(batch)
        return len(batch) if first is None else first
