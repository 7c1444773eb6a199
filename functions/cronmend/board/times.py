"""Times and lengths as the board writes them, short enough for a column; all in UTC. Pure."""

from datetime import UTC, datetime, timedelta

from cronmend.wording import span


def clock(at: datetime, now: datetime) -> str:
    """16:30 today, Mon 06:00 within six days, 20 Nov in this year, 20 Nov 2025 in another."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if abs(at.date() - now.date()) < timedelta(days=7):
        return f"{at:%a %H:%M}"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b %Y}"


def relative(at: datetime, now: datetime) -> str:
    """in 12 min, in 3 days; now if that has just passed."""
    return f"in {span(at - now)}" if at > now else "now"


def length(seconds: int) -> str:
    """41 s, 5 min 25, 19 min, 2 h 05."""
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 10:
        return f"{minutes} min {rest:02}" if rest else f"{minutes} min"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02}"


def reach(since: datetime, now: datetime) -> str:
    """2.5 h, 29 h, 30 d, 30 wk: how far back a strip goes."""
    hours = (now - since) / timedelta(hours=1)
    if hours < 10:
        return f"{hours:.1f} h".replace(".0", "")
    if hours < 72:
        return f"{hours:.0f} h"
    return f"{hours / 24:.0f} d" if hours < 24 * 70 else f"{hours / 168:.0f} wk"
