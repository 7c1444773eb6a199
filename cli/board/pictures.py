"""``make pictures``: the board of invented jobs, and messages about a missing table, as the files of docs/images."""

from pathlib import Path
from typing import Final

from cli.alerts import chromium, preview_html
from cli.alerts.preview_html import MEASURE
from cli.alerts.preview_source import EventContext, of_event
from cli.board import report_page as report_pages
from cli.board import sample, sample_records, sample_report
from cli.console import out
from cronmend.alerting import render
from cronmend.board import activity
from cronmend.board.build import Query, build
from cronmend.board.html.job_page import job_fragment
from cronmend.board.html.links import NoLinks
from cronmend.board.html.page import Theme, document, fragment, title
from cronmend.model import WindowState
from cronmend.model.report import MessageKind, Report

FOLDER: Final = Path("docs/images")
_WIDE: Final = 1280
_PHONE: Final = 390


def page(theme: Theme) -> str:
    board = build(sample.facts())
    return _measured(document(title(board), fragment(board, NoLinks(), theme=theme)))


def job_page(theme: Theme) -> str:
    records = sample_records.records()
    board = build(sample.facts(), Query(job=records.job))
    return _measured(document(f"Cronmend: {board.rows[0].name}", job_fragment(board, records, NoLinks(), theme)))


def report_page(theme: Theme) -> str:
    return _measured(report_pages.page(activity.of(sample_report.past()), theme))


def heal_page() -> str:
    """A run that met a deploy: what an alarm on failed tasks posts, and what Cronmend posts."""
    healed = _missing_table("deploy_open", WindowState.OPEN, MessageKind.HEALED)
    alarm = "*ALARM: failed-tasks* 11:01\nECS task stopped: publish-scheduled, exit code 1. Paging the person on call."
    before = [{"type": "section", "text": {"type": "mrkdwn", "text": alarm}}]
    return preview_html.before_and_after(before, render.slack(healed)["blocks"])


def alert_page() -> str:
    alert = _missing_table("no_deploy", WindowState.CLOSED)
    return preview_html.slack(render.slack(alert, buttons=True)["blocks"])


def group_page() -> str:
    group = _missing_table("deploy_open", WindowState.OPEN, MessageKind.GROUP)
    return preview_html.slack(render.slack(group)["blocks"])


def email_page() -> str:
    alert = _missing_table("no_deploy", WindowState.CLOSED)
    return preview_html.email(render.sns_subject(alert), render.sns_text(alert))


def _missing_table(event: str, deploy: WindowState, kind: MessageKind | None = None) -> Report:
    known = EventContext(
        Path("events/logs/missing_model.log"), "/ecs/webapp", deploy, "cronmend-jobs/publish-scheduled"
    )
    return of_event(Path(f"events/task_stopped/missing_model_{event}.json"), kind, known)


def _measured(text: str) -> str:
    return text.replace("</body>", f"{MEASURE}</body>")


def main(folder: Path = FOLDER) -> None:
    """
    Raises:
        chromium.NoChromium: no browser was found, or it took no picture.
    """
    pictures = (
        ("board-light.png", page(Theme.LIGHT), _WIDE),
        ("board-dark.png", page(Theme.DARK), _WIDE),
        ("board-phone.png", page(Theme.LIGHT), _PHONE),
        ("board-job.png", job_page(Theme.LIGHT), _WIDE),
        ("report-light.png", report_page(Theme.LIGHT), _WIDE),
        ("heal.png", heal_page(), preview_html.WIDTH["slack"]),
        ("slack-alert.png", alert_page(), preview_html.WIDTH["slack"]),
        ("slack-group.png", group_page(), preview_html.WIDTH["slack"]),
        ("email-alert.png", email_page(), preview_html.WIDTH["email"]),
    )
    for name, text, width in pictures:
        chromium.screenshot(text, width, folder / name)
        out.print(str(folder / name))


if __name__ == "__main__":
    main()
