"""``cronmend``: the engineer's command-line tool. It isn't part of what is deployed to Lambda."""

import typer

from cli.alerts.app import alert_app
from cli.audit import audit
from cli.bench.app import bench_app
from cli.demo.app import demo
from cli.deploying.init import init
from cli.diagnosis.classify import classify
from cli.diagnosis.explain import explain
from cli.diagnosis.rules import rules_app
from cli.doctor.app import doctor
from cli.event import event_app
from cli.jobs.app import jobs_app
from cli.learning.app import learn
from cli.local.app import local_app
from cli.on_call.app import register
from cli.samples.app import samples_app
from cli.simulate import simulate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Diagnose and re-run scheduled ECS jobs, and manage their schedules and alerts.",
)
app.command("demo")(demo)
app.command("init")(init)
app.command("explain")(explain)
app.command("classify")(classify)
app.command("learn")(learn)
app.command("simulate")(simulate)
app.command("audit")(audit)
app.command("doctor")(doctor)
app.add_typer(event_app, name="event")
app.add_typer(rules_app, name="rules")
app.add_typer(jobs_app, name="jobs")
app.add_typer(alert_app, name="alert")
app.add_typer(local_app, name="local")
app.add_typer(samples_app, name="samples")
app.add_typer(bench_app, name="bench")
register(app)


def run() -> None:
    app()
