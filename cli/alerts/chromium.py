"""A picture of a page, taken by Chromium."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
VARIABLE: Final = "CRONMEND_CHROMIUM"
_SECONDS: Final = 60
_SCALE: Final = 2
_TALL: Final = 4_000
_HEIGHT: Final = re.compile(r'data-height="(\d+)"')


class NoChromium(Exception):
    """No picture could be taken; the message says what is needed."""


def screenshot(page: str, width: int, target: Path) -> None:
    """Write the page as a PNG, as high as its content.

    Raises:
        NoChromium: there is none, or it took no picture.
    """
    browser = _browser()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        options = [*_options(folder), f"--window-size={width},{_TALL}"]
        found = _HEIGHT.search(_run(browser, [*options, "--dump-dom", source.as_uri()]))
        if not found:
            raise NoChromium(f"{browser} did not lay the page out; try another one, named in {VARIABLE}")
        options[-1] = f"--window-size={width},{found[1]}"
        _run(browser, [*options, f"--screenshot={target.resolve()}", source.as_uri()])
    if not target.is_file():
        raise NoChromium(f"{browser} wrote no picture to {target}: is the folder there, and may it be written to?")


def _browser() -> str:
    named = os.environ.get(VARIABLE)
    found = next((path for name in ([named] if named else NAMES) if (path := shutil.which(name))), None)
    if not found:
        raise NoChromium(
            f"no Chromium was found ({named or ', '.join(NAMES)}): install it (Debian: apt-get install chromium), or "
            f"name another browser of its kind in {VARIABLE}; without --png none is needed"
        )
    return found


def _options(profile: str) -> list[str]:
    """Root has no sandbox; nothing but our own page is shown."""
    options = ["--headless=new", "--disable-gpu", "--hide-scrollbars", f"--force-device-scale-factor={_SCALE}"]
    options += [
        f"--user-data-dir={profile}/profile",
        "--no-first-run",
        "--disable-extensions",
        "--disable-dev-shm-usage",
    ]
    return [*options, "--no-sandbox"] if os.geteuid() == 0 else options


def _run(browser: str, arguments: Sequence[str]) -> str:
    try:
        done = subprocess.run([browser, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True)  # noqa: S603 # the browser that the user has
    except subprocess.TimeoutExpired as error:
        raise NoChromium(f"{browser} took longer than {_SECONDS} seconds") from error
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NoChromium(f"{browser} failed: {said.strip().splitlines()[-1] if said.strip() else error}") from error
    return done.stdout
