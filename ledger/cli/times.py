"""When was it known? A position or a time, as a person types it."""

from datetime import datetime

import typer


def point(text: str | None) -> int | datetime | None:
    """What `--known-at` says; None where it says nothing."""
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter("--known-at is a position or a time such as 2018-06-25T00:00:00Z")
    return moment
