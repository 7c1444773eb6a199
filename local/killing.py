"""Kill Lambda functions between two effects: after a call has taken effect and before they get its answer.

Armed with the starts of calls' names, such as ``DynamoDB_20120810.TransactWriteItems`` or ``POST /schedules/``, and
with how many calls of each are fatal.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Killing:
    kill: Callable[[], None]
    """Ends every function that is running, as SIGKILL does."""
    kills: int = 0
    _left: dict[str, int] = field(default_factory=dict)
    """How many more calls are fatal, by the start of their names."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, calls: Mapping[str, int]) -> None:
        with self._lock:
            self._left, self.kills = dict(calls), 0

    def is_fatal(self, call: str) -> bool:
        """Count a call that is to be fatal: :meth:`kill` follows once it has taken effect."""
        with self._lock:
            start = next((each for each, left in self._left.items() if left and call.startswith(each)), None)
            if start is None:
                return False
            self._left[start] -= 1
            self.kills += 1
            return True
