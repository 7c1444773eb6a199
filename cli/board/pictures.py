"""``make pictures``: the board of invented jobs as the pictures in docs/images/."""

import sys
from pathlib import Path
from typing import Final

from cli.alerts import chromium
from cli.alerts.preview_html import MEASURE
from cli.board import sample
from cronmend.board.build import build
from cronmend.board.html.links import NoLinks
from cronmend.board.html.page import Theme, document, fragment, title

FOLDER: Final = Path("docs/images")
_PICTURES: Final = (
    ("board-light.png", Theme.LIGHT, 1280),
    ("board-dark.png", Theme.DARK, 1280),
    ("board-phone.png", Theme.LIGHT, 390),
)


def page(theme: Theme) -> str:
    board = build(sample.facts())
    text = document(title(board), fragment(board, NoLinks(), theme=theme))
    return text.replace("</body>", f"{MEASURE}</body>")


def main(folder: Path = FOLDER) -> None:
    """
    Raises:
        chromium.NoChromium: no browser was found, or it took no picture.
    """
    for name, theme, width in _PICTURES:
        chromium.screenshot(page(theme), width, folder / name)
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main()
