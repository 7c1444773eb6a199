"""The emulator's process: ministack, with seven changes for this account.

Its Scheduler fires timers without delay; threads of their own poll its queues and streams for Lambda; its SNS delivers
emails and text messages; its CloudFormation describes stacks so that `sam delete` works; its DynamoDB can be throttled;
its functions can be killed; and its queues can be made to deliver again at once. All but the throttling use private
names. ``tests/local/test_starting.py`` fails if another version doesn't have them.
"""

import os

from ministack import app
from ministack.core import lambda_runtime

from local import pollers, sns_delivery, stack_descriptions, timers
from local.emulator import INBOX
from local.emulator_front import EmulatorFront

WORKERS = "_workers"
PROCESS = "_proc"


def main() -> None:
    timers.install()
    pollers.install()
    stack_descriptions.install()
    if address := os.environ.get(INBOX):
        sns_delivery.install(address)
    app.app = EmulatorFront(app.app, kill_functions, pollers.redeliver)
    app.main()


def kill_functions() -> None:
    """SIGKILL every function's process, whatever it is doing."""
    for worker in list(getattr(lambda_runtime, WORKERS).values()):
        if process := getattr(worker, PROCESS):
            process.kill()


if __name__ == "__main__":
    main()
