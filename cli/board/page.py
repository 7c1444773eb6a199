"""The board, or one job's page, as a whole HTML page."""

from cronmend.board.build import Query
from cronmend.board.html.job_page import job_fragment
from cronmend.board.html.links import Links, NoLinks
from cronmend.board.html.page import document, fragment, title
from cronmend.board.model import Board
from cronmend.board.story import Records


def page_of(
    board: Board,
    records: Records | None = None,
    links: Links | None = None,
    query: Query | None = None,
    refresh: int = 0,
) -> str:
    """
    Args:
        records: those of the only job on the board, for its page; None for the board.
        refresh: seconds after which the page loads itself again; 0 for never.
    """
    links = links or NoLinks()
    if records is None:
        return document(title(board), fragment(board, links, query), refresh=refresh)
    return document(f"Cronmend: {board.rows[0].name}", job_fragment(board, records, links), refresh=refresh)
