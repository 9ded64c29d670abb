"""What does the environment tell us?

Read once, at the edge (`cli`), and handed down as a value: nothing below `cli` looks at the
environment, so a test or a second ledger in the same process can be given another.
"""

from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is the environment's `LEDGER_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="LEDGER_", frozen=True, env_ignore_empty=True)

    # None: the ledger starts a PostgreSQL of its own under `home`.
    database_url: str | None = None
    home: Path = Path(".ledger")
    # None: only tokens signed with the ledger's own development key are taken.
    jwks_url: str | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None


@cache
def settings() -> Settings:
    """The environment as it was when first asked."""
    return Settings()
