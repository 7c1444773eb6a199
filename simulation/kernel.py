"""One virtual clock. Invocations run in threads; only one runs at a time, and they can switch at each wait.

The thread that holds the baton continues alone as long as nothing else is due before its next step, so an uncontested
call needs no thread switch.
"""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

type Action = Callable[[], None]

LONGEST = 600.0
"""Seconds of real time after which a history that doesn't end is an error."""


class Over(BaseException):
    """The history has ended under an invocation."""


@dataclass(eq=False)
class Gate:
    """Where a thread waits for the baton, and the invocation that it carries meanwhile."""

    lock: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    carries: object = None


class Kernel:
    """``now`` is in seconds since 1970, UTC; nothing new starts after ``end``."""

    def __init__(self, start: float, end: float) -> None:
        self.now = start
        self.end = end
        self.carries: object = None
        """The invocation that holds the baton; None during an event outside of Cronmend."""
        self._due: list[tuple[float, int, Action | Gate, bool]] = []
        self._count = 0
        self._idle: list[Gate] = []
        self._gates: list[Gate] = []
        self._over = threading.Semaphore(0)
        self._is_over = False
        self._error: BaseException | None = None

    def at(self, time: float, action: Action) -> None:
        """Schedule an event outside of Cronmend; it must not wait."""
        if time <= self.end:
            self._push(max(time, self.now), action, starts=False)

    def start(self, time: float, action: Action) -> None:
        """Schedule an invocation, which may wait."""
        if time <= self.end:
            self._push(max(time, self.now), action, starts=True)

    def wait(self, seconds: float) -> None:
        """Let time pass for the invocation that holds the baton; anything that is due earlier happens first."""
        until = self.now + seconds
        while self._due and self._due[0][0] < until:
            time, _, due, starts = self._due[0]
            if isinstance(due, Gate) or starts:
                self._park(until)
                return
            heapq.heappop(self._due)
            self._happen(time, due)
        self.now = until

    def run(self) -> None:
        """Play everything until the end. Raises what an event raised."""
        self._pass_on()
        if not self._over.acquire(timeout=LONGEST):
            raise TimeoutError(f"the history doesn't get past {self.now}")
        self._is_over = True
        for gate in self._gates:
            gate.lock.release()
        if self._error:
            raise self._error

    def _push(self, time: float, due: Action | Gate, *, starts: bool) -> None:
        self._count += 1
        heapq.heappush(self._due, (time, self._count, due, starts))

    def _happen(self, time: float, action: Action) -> None:
        carried, self.carries = self.carries, None
        self.now = time
        action()
        self.carries = carried

    def _park(self, until: float) -> None:
        gate = Gate(carries=self.carries)
        self._gates.append(gate)
        self._push(until, gate, starts=False)
        self._pass_on()
        gate.lock.acquire()
        self._gates.remove(gate)
        if self._is_over:
            raise Over
        self.carries = gate.carries

    def _pass_on(self) -> None:
        """Hand the baton to a thread that carries no invocation."""
        if self._idle:
            self._idle.pop().lock.release()
            return
        gate = Gate()
        self._gates.append(gate)
        threading.Thread(target=self._serve, args=(gate,), daemon=True).start()

    def _serve(self, gate: Gate) -> None:
        while not self._is_over:
            try:
                self._drive(gate)
            except Over:
                return
            except BaseException as error:  # noqa: BLE001 # the main thread raises it
                self._error = error
                self._over.release()
                return
            gate.lock.acquire()

    def _drive(self, gate: Gate) -> None:
        """Run events until another thread has to continue, or nothing is left."""
        while self._due:
            time, _, due, starts = heapq.heappop(self._due)
            self.now = max(self.now, time)
            if isinstance(due, Gate):
                self._idle.append(gate)
                due.lock.release()
                return
            if starts:
                due()
            else:
                self._happen(self.now, due)
        self._idle.append(gate)
        self._over.release()
