"""The process behind ``cronmend local up``: an emulated account with the example site and Cronmend, until SIGTERM.

``python -m local.daemon STATE [--bare]``: a bare account has the site alone.

Its output is its log. STATE/account.json exists while the account is up.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from local import past_of_samples
from local.account import LocalAccount
from local.aws import CLUSTER
from local.breakage.breaker import Breaker
from local.breakage.routes import serve
from local.containers import Containers
from local.detached import BARE, FILE, LOCK
from local.lock import take
from local.schedules import Repairs

EMAIL = "on-call@example.org"
PHONE = "+447700900123"
"""A number that Ofcom keeps for fiction."""
PARAMETERS = {
    "Cluster": CLUSTER,
    "DeploySchedules": "true",
    "AlertEmail": EMAIL,
    "GroupSeconds": "20",
    "RecheckSeconds": "60",
}
"""Of the real template, with shorter waits than a team would choose."""


def main(state: Path, *, bare: bool = False) -> None:
    # SystemExit closes every context, so everything that was started is stopped in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    take(state / LOCK)
    with LocalAccount(state / "account", database_url=os.environ.get("DATABASE_URL", "")) as account:
        set_up_site(account)
        if not bare:
            set_up_cronmend(account)
        breaker = Breaker(account)
        serve(breaker, account.messages)
        with Containers(account.endpoints, account.clients):
            account.scheduler.start(Repairs(account.endpoints, account.clients).are_done)
            _announce(account, state, bare=bare)
            try:
                threading.Event().wait()
            finally:
                (state / FILE).unlink(missing_ok=True)
                breaker.close()


def set_up_site(account: LocalAccount) -> None:
    """Deploy release 1 of the site, with a page that is due soon."""
    _log("creating the site's database")
    for arguments in (("migrate", "-v0"), ("seed",)):
        done = account.site.manage(1, *arguments)
        if done.code:
            raise RuntimeError(f"`manage.py {arguments[0]}` exited with {done.code}:\n{done.output}")
    account.pipeline.create_service(account.pipeline.register_release(1))


def set_up_cronmend(account: LocalAccount, parameters: Mapping[str, str] = PARAMETERS) -> None:
    """Deploy Cronmend with the schedules of jobs.toml and the past of the sample events."""
    _log("sam build, sam deploy")
    past_of_samples.deploy(
        account, {**parameters, "SlackSecretArn": account.slack_secret(), **account.slack_buttons()}, _log
    )
    topic = account.output("AlertTopicArn")
    account.clients.sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=PHONE)


def _announce(account: LocalAccount, state: Path, *, bare: bool) -> None:
    """Write the file under another name and rename it, so that a reader never sees half of it."""
    description = {
        "environment": dict(account.endpoints.environment()),
        "slack": {"is a webhook; use a bot token": account.slack.webhook_url, "api": account.slack.api_url},
        "messages": {"url": account.messages.url, "token": account.messages.token},
        "emulator_log": str(account.emulator.log),
        "bare": bare,
    }
    part = state / f"{FILE}.part"
    part.touch(mode=0o600)
    part.write_text(json.dumps(description, indent=2) + "\n")
    part.replace(state / FILE)


def _log(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), bare=BARE in sys.argv[2:])
