"""The board, a job's page and the report as a browser draws them; without Chromium, these tests are skipped."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.alerts import chromium
from cli.board.pictures import job_page, page, report_page
from cronmend.board.html.page import Theme

pytestmark = pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="no Chromium is installed")

_WIDTHS = (1280, 900, 600, 390)
_MEASURE = """<script>addEventListener("load", () => {
const frames = [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument.documentElement)
document.body.dataset.found = frames.map((root) => `${root.clientWidth}:${root.scrollWidth}`).join(" ")
})</script>"""


@pytest.mark.parametrize("make", [page, job_page, report_page], ids=["board", "job", "report"])
def test_at_no_width_anything_is_wider_than_the_screen(make: Callable[[Theme], str], tmp_path: Path) -> None:
    """All widths at once, each in a frame: a browser takes seconds to start."""
    (tmp_path / "page.html").write_text(make(Theme.LIGHT), encoding="utf-8")
    frames = "".join(f'<iframe src="page.html" style="border:0;width:{each}px"></iframe>' for each in _WIDTHS)
    outer = tmp_path / "frames.html"
    outer.write_text(f"<!doctype html><body>{frames}{_MEASURE}</body>", encoding="utf-8")
    given = [*chromium.options(str(tmp_path)), "--allow-file-access-from-files", "--window-size=1400,900"]
    drawn = chromium.run(chromium.browser(), [*given, "--dump-dom", outer.as_uri()], seconds=600)
    found = re.search(r'data-found="([^"]*)"', drawn)
    assert found
    sizes = [tuple(map(int, each.split(":"))) for each in found[1].split()]
    assert [seen for seen, _ in sizes] == list(_WIDTHS)
    assert [wide - seen for seen, wide in sizes] == [0] * len(_WIDTHS)
