"""``cronmend``: the engineer's tool. It is never shipped to Lambda."""

import typer

from cli.alerts.app import app as alert
from cli.bench.app import app as bench
from cli.demo.app import demo
from cli.diagnosis.classify import classify
from cli.diagnosis.explain import explain
from cli.diagnosis.rules import app as rules
from cli.jobs.app import app as jobs
from cli.local import app as local
from cli.on_call.app import register

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Scheduled ECS tasks that heal, and say why.")
app.command("demo")(demo)
app.command("explain")(explain)
app.command("classify")(classify)
app.add_typer(rules, name="rules")
app.add_typer(jobs, name="jobs")
app.add_typer(alert, name="alert")
app.add_typer(local, name="local")
app.add_typer(bench, name="bench")
register(app)


def run() -> None:
    app()
