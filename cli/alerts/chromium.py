"""Take a picture of a page with Chromium."""

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
    """No picture was taken; the message says what to do."""


def screenshot(page: str, width: int, target: Path) -> None:
    """Write the page as a PNG with the height of its content.

    Raises:
        NoChromium: no browser was found, or it took no picture.
    """
    path = browser()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        given = [*options(folder), f"--window-size={width},{_TALL}"]
        found = _HEIGHT.search(run(path, [*given, "--dump-dom", source.as_uri()]))
        if not found:
            raise NoChromium(f"'{path}' didn't render the page. Set {VARIABLE} to another browser.")
        given[-1] = f"--window-size={width},{found[1]}"
        run(path, [*given, f"--screenshot={target.resolve()}", source.as_uri()])
    if not target.is_file():
        raise NoChromium(f"'{path}' wrote no picture to '{target}'. Check that the folder exists and is writable.")


def browser() -> str:
    """The path of the first one that is installed.

    Raises:
        NoChromium: none is.
    """
    named = os.environ.get(VARIABLE)
    found = next((path for name in ([named] if named else NAMES) if (path := shutil.which(name))), None)
    if not found:
        raise NoChromium(
            f"No Chromium was found ({named or ', '.join(NAMES)}). Install it (Debian: apt-get install chromium), set "
            f"{VARIABLE} to a Chromium-based browser, or leave out --png."
        )
    return found


def options(profile: str) -> list[str]:
    """Root can't use the sandbox; the page is Cronmend's own."""
    common = ["--headless=new", "--disable-gpu", "--hide-scrollbars", f"--force-device-scale-factor={_SCALE}"]
    common += [
        f"--user-data-dir={profile}/profile",
        "--no-first-run",
        "--disable-extensions",
        "--disable-dev-shm-usage",
    ]
    return [*common, "--no-sandbox"] if os.geteuid() == 0 else common


def run(path: str, arguments: Sequence[str], seconds: float = _SECONDS) -> str:
    """What the browser prints.

    Raises:
        NoChromium: it failed, or took too long.
    """
    try:
        done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=seconds, check=True)  # noqa: S603 # the user's own browser
    except subprocess.TimeoutExpired as error:
        raise NoChromium(f"'{path}' took longer than {seconds} seconds. Set {VARIABLE} to another browser.") from error
    except (OSError, subprocess.CalledProcessError) as error:
        output = (getattr(error, "stderr", "") or str(error)).strip()
        last_line = output.splitlines()[-1] if output else str(error)
        raise NoChromium(f"'{path}' failed: {last_line}. Set {VARIABLE} to another browser.") from error
    return done.stdout
