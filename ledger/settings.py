"""What does the environment tell us?

Read once, at the edge (`cli`), and handed down as a value: nothing below `cli` looks at the
environment, so a test or a second ledger in the same process can be given another.
"""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is the environment's `LEDGER_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="LEDGER_", frozen=True, env_ignore_empty=True)

    # None: the ledger starts a PostgreSQL of its own under `home`.
    database_url: str | None = None
    home: Path = Path(".ledger")
    # Whether the patients of a live ledger are real, so that a number kept for tests is an error.
    live: bool = False
    # What scans suppliers' files, and where Spark is if it does.
    engine: str = "polars"
    spark_master: str = "local[*]"
    # What the ledger calls itself where it signs; None: a name made from its key.
    origin: str | None = None
    # None: only tokens signed with the ledger's own development key are taken.
    jwks_url: str | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    # Who asks by GP Connect, and as whom it says it does (docs/runbooks/fetching-from-gp-connect.md).
    gp_connect_from_asid: str | None = None
    gp_connect_to_asid: str | None = None
    gp_connect_issuer: str | None = None
    gp_connect_organisation: str | None = None
    gp_connect_organisation_name: str | None = None
    gp_connect_user_id: str | None = None
    gp_connect_user_family_name: str | None = None
    gp_connect_user_given_name: str | None = None
    gp_connect_user_title: str | None = None
    # What is published for somebody who has no smartcard.
    gp_connect_sds_user_id: str = "UNK"
    gp_connect_sds_role_profile_id: str = "UNK"
    # The one reason published for reading a record, other than moving it to another practice.
    gp_connect_reason: str = "directcare"
    # Our certificate and its key; None: none is shown. The authorities: None means the machine's.
    gp_connect_certificate: Path | None = None
    gp_connect_key: Path | None = None
    gp_connect_authorities: Path | None = None
    # In seconds, for one answer.
    gp_connect_timeout: float = Field(default=30.0, gt=0)
    # The hosts that webhooks may be at, parted by commas; none: there are no webhooks (docs/adr/0030).
    webhook_hosts: str = ""
    # Whether those hosts may stand in a network of ours. The authorities: None means the machine's.
    webhook_private_addresses: bool = False
    webhook_authorities: Path | None = None
    # In seconds, for one try.
    webhook_timeout: float = Field(default=10.0, gt=0, le=60)
    # Where the pages are, for links to them from elsewhere; None: those links are paths alone.
    public_url: str | None = None
    # Bytes of a zip that is handed in over HTTP.
    largest_delivery: int = Field(default=2 << 30, ge=1)


@cache
def settings() -> Settings:
    """The environment as it was when first asked."""
    return Settings()
