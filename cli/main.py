"""``cronmend``: the engineer's tool. It is never shipped to Lambda."""

import typer

from cli.demo.app import demo
from cli.jobs.app import app as jobs
from cli.local import app as local
from cli.people.app import register

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Scheduled ECS tasks that heal, and say why.")
app.command("demo")(demo)
app.add_typer(jobs, name="jobs")
app.add_typer(local, name="local")
register(app)


def run() -> None:
    app()
