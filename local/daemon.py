"""The process behind ``cronmend local up``: an emulated account with Cronmend and the example site, until SIGTERM.

``python -m local.daemon STATE``. Its output is its log. STATE/account.json exists while the account is up.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from local import past_of_samples
from local.account import LocalAccount
from local.aws import CLUSTER
from local.containers import Containers
from local.detached import FILE, LOCK
from local.lock import take


def main(state: Path) -> None:
    # SystemExit closes every context, so everything that was started is stopped in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    take(state / LOCK)
    with LocalAccount(state / "account", database_url=os.environ.get("DATABASE_URL", "")) as account:
        set_up(account)
        with Containers(account.endpoints, account.clients):
            account.scheduler.start()
            _announce(account, state)
            try:
                threading.Event().wait()
            finally:
                (state / FILE).unlink(missing_ok=True)


def set_up(account: LocalAccount) -> None:
    """Deploy Cronmend with the past of the sample events, and release 1 of the site with a page that is due soon."""
    _log("creating the site's database")
    for arguments in (("migrate", "-v0"), ("seed",)):
        done = account.site.manage(1, *arguments)
        if done.code:
            raise RuntimeError(f"`manage.py {arguments[0]}` exited with {done.code}:\n{done.output}")
    account.pipeline.create_service(account.pipeline.register_release(1))
    _log("sam build, sam deploy")
    parameters = {"Cluster": CLUSTER, "DeploySchedules": "true", "SlackSecretArn": account.slack_secret()}
    past_of_samples.deploy(account, parameters, _log)


def _announce(account: LocalAccount, state: Path) -> None:
    """Write the file under another name and rename it, so that a reader never sees half of it."""
    description = {
        "environment": dict(account.endpoints.environment()),
        "slack": {"is a webhook; use a bot token": account.slack.webhook_url, "api": account.slack.api_url},
        "emulator_log": str(account.emulator.log),
    }
    part = state / f"{FILE}.part"
    part.write_text(json.dumps(description, indent=2) + "\n")
    part.replace(state / FILE)


def _log(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
