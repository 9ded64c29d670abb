"""What do the logs tell? Fixed messages with positions, practices, counts and milliseconds, a line
of JSON each. Never an address, a body or the message of an exception: Pydantic's and PostgreSQL's
repeat what they were given.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.domain.identifiers import without_numbers

_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """A line of JSON a record, in which nobody can be found."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_numbers(record.getMessage()),
        }
        line |= {
            name: _told(value)
            for name, value in record.__dict__.items()
            if name not in _USUAL and value is not None
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _told(value: object) -> object:
    return value if isinstance(value, bool | int | float) else without_numbers(str(value))


def _error(error: BaseException) -> list[str]:
    """What was raised and where, innermost last; not what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    told = [type(error).__name__, *places]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told if cause is None else [*_error(cause), *told]


# For `uvicorn.run(log_config=LOGGING, access_log=False)`: its access log repeats whole addresses.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    # And so does the client that webhooks are sent with.
    "loggers": {"uvicorn.access": {"level": "CRITICAL"}, "httpx2": {"level": "CRITICAL"}},
}
