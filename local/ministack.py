"""The emulator's process: ministack, with a Scheduler that checks for due schedules every 0.5 seconds, not every 10.

The interval is a private name. ``tests/local/test_starting.py`` fails if another version doesn't have it.
"""

from ministack import app
from ministack.services import scheduler

INTERVAL = "_SCHEDULE_TICK_INTERVAL"
SECONDS = 0.5


def main() -> None:
    setattr(scheduler, INTERVAL, SECONDS)
    app.main()


if __name__ == "__main__":
    main()
