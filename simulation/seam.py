"""The seam between the use cases and the simulated account: each call of a port takes time, can be cut off, and can
fail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from cronmend.errors import Retryable
from simulation.aim import share
from simulation.kernel import Kernel
from simulation.weather import Weather

WRITES = frozenset(
    (
        *(
            "commit",
            "started",
            "set",
            "bring_forward",
            "run",
            "write",
            "put",
            "remove",
            "hold",
            "release",
            "move",
            "open",
            "close",
        ),
        *("note", "join", "save", "lift", "opened", "slot", "first", "seen", "send", "update", "ask", "keep"),
        *("handled", "settle", "wake", "stop", "tell", "add", "looked", "pass_on", "accepted", "failed"),
    )
)
"""The methods of ports that change something."""


class Killed(BaseException):
    """The function was ended by a timeout or a lost host; nothing that catches exceptions catches it."""


@dataclass
class Invocation:
    function: str
    name: str
    ends_by: float
    """When Lambda's timeout ends it."""
    calls: int = 0


@dataclass
class Points:
    """The places at which a function can be killed: before or after each call of a port."""

    seen: set[tuple[str, str, bool]] = field(default_factory=set)
    hit: set[tuple[str, str, bool]] = field(default_factory=set)

    def missed(self) -> list[str]:
        """Those at which no function was killed, as ``rerun: before ledger.commit``."""
        left = self.seen - self.hit
        return sorted(f"{function}: {'after' if after else 'before'} {point}" for function, point, after in left)


class Seam:
    def __init__(self, kernel: Kernel, weather: Weather, points: Points) -> None:
        self.kernel = kernel
        self.weather = weather
        self.points = points
        self._reached: set[tuple[str, str, bool]] = set()
        """The places that this history has reached."""
        self.after: Callable[[], None] = lambda: None
        """Called after each write to the ledger, for its stream."""

    def over[Port](self, service: str, port: Port) -> Port:
        """The port with its calls simulated, of the same type: what it lacks of the real one is found by the type
        checker."""
        return cast(Port, Simulated(self, service, port))

    def call(self, service: str, method: str, effect: Callable[..., Any], *args: Any, **named: Any) -> Any:
        invocation = self.kernel.carries
        if not isinstance(invocation, Invocation):
            return effect(*args, **named)
        invocation.calls += 1
        point = f"{service}.{method}"
        name = f"{invocation.name}/{invocation.calls}.{method}"
        when, kill, fault, extent = self.weather.chance.numbers(name)
        self._pass(invocation, 0.004 + 0.03 * when)
        self._stall(invocation, name, fault, extent)
        self._kill(invocation, point, name, kill, after=False)
        self._refuse(invocation, service, name, extent)
        answer = effect(*args, **named)
        writes = method in WRITES
        if writes:
            answer = self._lose(service, name, fault, answer, lambda: effect(*args, **named))
        if service == "ledger" and writes:
            self.after()
        self._kill(invocation, point, name, kill, after=True)
        return answer

    def pause(self, seconds: float) -> None:
        """``time.sleep`` of an invocation."""
        if isinstance(invocation := self.kernel.carries, Invocation):
            self._pass(invocation, seconds)

    def _pass(self, invocation: Invocation, seconds: float) -> None:
        self.kernel.wait(seconds)
        if self.kernel.now > invocation.ends_by:
            raise Killed

    def _stall(self, invocation: Invocation, name: str, fault: float, extent: float) -> None:
        if fault > 0.985 and self._has("stalls") and self.weather.chance.keeps(f"stall/{name}"):
            self._pass(invocation, 1 + 40 * extent)

    def _kill(self, invocation: Invocation, point: str, name: str, kill: float, *, after: bool) -> None:
        place, side = (invocation.function, point, after), "after" if after else "before"
        self.points.seen.add(place)
        if self._is_aimed_at(place, side) or self._is_due(kill, name, side):
            self.points.hit.add(place)
            raise Killed

    def _is_aimed_at(self, place: tuple[str, str, bool], side: str) -> bool:
        """Only the first time, so that a function that is tried again gets further."""
        if place in self._reached or not self._has("aims"):
            return False
        self._reached.add(place)
        function, point, _ = place
        return self.weather.chance.happens(share(function, point), f"kill/{function}/{point}/{side}")

    def _is_due(self, kill: float, name: str, side: str) -> bool:
        deadly = self.weather.deadly
        is_drawn = kill > 1 - deadly if side == "after" else kill < deadly
        return is_drawn and self._has("kills") and self.weather.chance.keeps(f"kill/{name}/{side}")

    def _refuse(self, invocation: Invocation, service: str, name: str, extent: float) -> None:
        if self.weather.is_away(service, self.kernel.now):
            self._pass(invocation, 2 + 10 * extent)
            raise Retryable(f"{service} didn't answer")
        if extent > 0.992 and self._has("throttles") and self.weather.chance.keeps(f"throttle/{name}"):
            self._pass(invocation, 3)
            raise Retryable(f"{service}: too many requests")

    def _lose(self, service: str, name: str, fault: float, answer: Any, again: Callable[[], Any]) -> Any:
        """The answer to a write is lost: the client repeats the call, or the caller sees an error."""
        if fault < 0.012 and self._has("echoes") and self.weather.chance.keeps(f"echo/{name}"):
            return again()
        if 0.012 <= fault < 0.02 and self._has("deaf") and self.weather.chance.keeps(f"deaf/{name}"):
            raise Retryable(f"{service} took the write, and its answer was lost")
        return answer

    def _has(self, kind: str) -> bool:
        return self.weather.has(kind, self.kernel.now)


class Simulated:
    """A port whose every method goes through the seam; its other attributes are the port's own."""

    def __init__(self, seam: Seam, service: str, port: Any) -> None:
        self._seam = seam
        self._service = service
        self._port = port

    def __getattr__(self, method: str) -> Any:
        effect = getattr(self._port, method)
        if not callable(effect):
            return effect
        seam, service = self._seam, self._service

        def call(*args: Any, **named: Any) -> Any:
            return seam.call(service, method, effect, *args, **named)

        self.__dict__[method] = call
        return call
