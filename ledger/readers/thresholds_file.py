"""A file of ours (docs/formats.md 8) that proposes other thresholds: which, under what name?"""

import tomllib
from pathlib import Path

from ledger.domain.refusals import NotAFact


def read_thresholds(path: Path) -> dict[str, object]:
    """What the file says, name by name. Raises NotAFact where it cannot be read as TOML 1.0
    (https://toml.io/en/v1.0.0).
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as why:
        raise NotAFact(f"{path.name}: it cannot be read as text") from why
    except tomllib.TOMLDecodeError as why:
        raise NotAFact(
            f"{path.name}: expected TOML, such as late_entry_days = 35, a line each; {why}"
        ) from None
