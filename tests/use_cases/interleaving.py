"""All orders in which invocations that run at once can make their port calls, each killed at any of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cronmend.errors import CronmendError


class Killed(BaseException):
    """Nothing that a use case catches."""


class Invocation:
    """A function in a thread of its own that stops before each port call until :meth:`advance`."""

    current = threading.local()

    def __init__(self, step: Callable[[], object], most_calls: int | None = None) -> None:
        """``most_calls``: after so many calls it is killed, before the next one."""
        self._step = step
        self._left = most_calls
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self.is_over = False
        self.was_killed = False
        self.error: CronmendError | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def advance(self) -> None:
        """Make the next call, and go on up to the one after it or to the end."""
        self._go.release()
        self._stopped.acquire()

    def _run(self) -> None:
        self.current.invocation = self
        self._go.acquire()
        try:
            self._step()
        except Killed:
            self.was_killed = True
        except CronmendError as error:
            self.error = error
        self.is_over = True
        self._stopped.release()

    def before_call(self) -> None:
        if self._left == 0:
            raise Killed
        self._left = None if self._left is None else self._left - 1
        self._stopped.release()
        self._go.acquire()


class Stepped:
    """A port whose calls by an invocation wait their turn; calls by the test don't."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            if invocation := getattr(Invocation.current, "invocation", None):
                invocation.before_call()
            return found(*args, **named)

        return call


def orders[W](make: Callable[[], tuple[W, Sequence[Invocation]]]) -> Iterator[tuple[W, Sequence[Invocation]]]:
    """The world after each order; ``make`` builds it anew, with its invocations."""
    prefix: list[int] | None = []
    while prefix is not None:
        world, invocations = make()
        taken: list[tuple[int, int]] = []
        while alive := [each for each in invocations if not each.is_over]:
            choice = prefix[len(taken)] if len(taken) < len(prefix) else 0
            taken.append((choice, len(alive)))
            alive[choice].advance()
        yield world, invocations
        prefix = _next(taken)


def _next(taken: Sequence[tuple[int, int]]) -> list[int] | None:
    """The choices of the next order, up to the first one that differs."""
    for place in reversed(range(len(taken))):
        choice, of = taken[place]
        if choice + 1 < of:
            return [*(each for each, _ in taken[:place]), choice + 1]
    return None
