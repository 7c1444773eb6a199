"""The functions as Lambda runs them: retries, and what ends in a dead-letter queue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cronmend.errors import Permanent, Retryable
from cronmend.incoming.timer_forms import payload
from cronmend.model.alert_wakeups import DeliverTimer, EscalateTimer, FlushTimer, Timer
from simulation.chance import Chance
from simulation.kernel import Kernel
from simulation.seam import Invocation, Killed
from simulation.weather import Weather
from simulation.witness import Witness

ASYNC = (60.0, 120.0)
"""Lambda's waits before it tries an asynchronous invocation again, in seconds."""
QUEUED = tuple(min(1800.0, 15.0 * 2**number) for number in range(23))
"""The delays before a queue delivers an event again, at the most."""


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    timeout: float = 60.0
    waits: Sequence[float] = ASYNC
    """The longest delay before each further try; after the last one, the event is a dead letter."""
    every: float = 0.0
    """How often its schedule triggers it, in seconds; 0 if it has none."""
    woken: bool = False
    """Whether ``reconcile`` invokes it: an error that Cronmend knows ends it, so Lambda tries it again only if it was
    killed or failed in another way."""


FUNCTIONS = (
    Function("task_state", timeout=180.0, waits=QUEUED),
    Function("start_failed", timeout=180.0, waits=QUEUED),
    Function("deploy_state"),
    Function("rerun", waits=QUEUED),
    Function("rerun_asked", waits=()),
    Function("rerun_woken", woken=True),
    Function("failure_alert", timeout=300.0),
    Function("failure_alert_woken", timeout=300.0, woken=True),
    Function("reconcile", timeout=180.0, waits=(), every=300.0),
    Function("person", waits=()),
)
"""As template.yaml has them; ``start_failed`` is task_state with another queue. A function's handler is in handlers.py,
under the same name."""


type Handler = Callable[[Any, float], None]
"""Takes the event, and when it was first delivered."""


class Lambdas:
    def __init__(self, kernel: Kernel, chance: Chance, weather: Weather, witness: Witness) -> None:
        self._kernel = kernel
        self._chance = chance
        self._weather = weather
        self._witness = witness
        self._known = {function.name: function for function in FUNCTIONS}
        self.handlers: Mapping[str, Handler] = {}
        self.finds_nothing: Mapping[str, Callable[[], bool]] = {}
        """Whether a scheduled call would find nothing to do; such a call is left out."""
        self.events = 0

    @property
    def now(self) -> float:
        return self._kernel.now

    def deliver(self, function: str, key: str, event: Any, *, delay: float = 0.5) -> bool:
        """Deliver an event of EventBridge, usually at least once. False if it is never delivered."""
        now, name = self._kernel.now, f"{function}/{key}"
        if self._weather.has("lost_events", now) and self._chance.happens(0.03, f"lost/{name}"):
            return False
        if self._weather.has("late", now) and self._chance.happens(0.12, f"late/{name}"):
            delay += self._chance.between(1, 1800, f"late/{name}/by") ** 1.0
        self.queued(function, key, event, delay=delay)
        return True

    def queued(self, function: str, key: str, event: Any, *, delay: float = 0.5) -> None:
        """Deliver a message that is in a queue already: at least once."""
        now, name = self._kernel.now, f"{function}/{key}"
        self.invoke(function, key, event, now + delay)
        if self._weather.has("duplicates", now) and self._chance.happens(0.15, f"twice/{name}"):
            later = self._chance.one((0.0, 0.02, 1.0, 90.0, 1500.0), f"twice/{name}/by")
            self.invoke(function, f"{key}+", event, now + delay + later)

    def invoke(self, function: str, key: str, event: Any, at: float) -> None:
        self._kernel.start(at, lambda: self._try(self._known[function], key, event, self._kernel.now, 1))

    def triggered(self, start: float) -> None:
        """Start the functions that a schedule of their own triggers."""
        for function in self._known.values():
            if function.every:
                self._tick(function, start, 1)

    def _tick(self, function: Function, start: float, number: int) -> None:
        at = start + number * function.every

        def due() -> None:
            if not self.finds_nothing[function.name]():
                self.invoke(function.name, f"tick-{number}", {}, at)
            self._tick(function, start, number + 1)

        self._kernel.at(at, due)

    def _try(self, function: Function, key: str, event: Any, first: float, number: int) -> None:
        self.events += 1
        handler, about = self.handlers[function.name], f"{key}/{number}"

        def handle() -> None:
            try:
                handler(event, first)
            except (Retryable, Permanent) as error:
                if not function.woken:
                    raise
                self._failed(function.name, about, error)

        if self.once(function.name, about, function.timeout, handle):
            return
        if number <= len(function.waits):
            wait = function.waits[number - 1] * self._chance.between(0.5, 1.0, f"{key}/{number}/wait")
            self._kernel.start(self._kernel.now + wait, lambda: self._try(function, key, event, first, number + 1))
        elif function.waits:
            self._witness.saw("undelivered", queue=function.name, about=key)

    def once(self, function: str, key: str, timeout: float, handle: Callable[[], None]) -> bool:
        """One invocation; False if it was killed or failed."""
        invocation = Invocation(function, f"{function}/{key}", self._kernel.now + timeout)
        self._kernel.carries = invocation
        try:
            handle()
        except Killed:
            self._witness.saw("killed", function=function, about=key)
            return False
        except Exception as error:  # noqa: BLE001 # Lambda takes any
            self._failed(function, key, error)
            return False
        finally:
            self._kernel.carries = None
        return True

    def _failed(self, function: str, about: str, error: Exception) -> None:
        self._witness.saw("failed", function=function, about=about, error=f"{type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True)
class Wakeups:
    """The reconciler invokes a function. It doesn't see whether that fails, and invokes it again until the promise is
    kept."""

    kernel: Kernel
    lambdas: Lambdas

    def wake(self, timer: Timer) -> None:
        key = f"woken-{timer.name}-{self.kernel.now:.3f}"
        self.lambdas.invoke(f"{function_of(timer)}_woken", key, payload(timer), self.kernel.now + 0.1)


def function_of(timer: Timer) -> str:
    return "failure_alert" if isinstance(timer, DeliverTimer | FlushTimer | EscalateTimer) else "rerun"


class Timers:
    """EventBridge Scheduler's one-time schedules; each deletes itself when it fires."""

    def __init__(self, kernel: Kernel, chance: Chance, weather: Weather, lambdas: Lambdas) -> None:
        self._kernel = kernel
        self._chance = chance
        self._weather = weather
        self._lambdas = lambdas
        self._set: dict[str, int] = {}
        self._fired: dict[str, int] = {}
        self._count = 0

    def set(self, timer: Timer) -> None:
        if timer.name not in self._set:
            self._put(timer)

    def bring_forward(self, timer: Timer) -> None:
        self._put(timer)

    def _put(self, timer: Timer) -> None:
        self._count += 1
        number = self._set[timer.name] = self._count
        at = max(timer.at.timestamp(), self._kernel.now + 5)
        at += self._chance.between(0, 59, f"timer/{timer.name}/{timer.at.timestamp()}")
        self._kernel.at(at, lambda: self._fire(timer, number))

    def _fire(self, timer: Timer, number: int) -> None:
        if self._set.get(timer.name) != number:
            return
        del self._set[timer.name]
        round_ = self._fired[timer.name] = self._fired.get(timer.name, 0) + 1
        key, now = f"{timer.name}.{round_}", self._kernel.now
        if self._chance.happens(self._weather.lost_timers(now), f"lost/timer/{key}"):
            return
        self._lambdas.deliver(function_of(timer), key, payload(timer))
