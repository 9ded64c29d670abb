"""With which secrets does the ledger hash what it may not keep in the clear, and sign what it sends?

Each is made once and kept beside the identities: who may read it may read the NHS numbers anyway.
"""

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from ledger.store.tables import keys

_CONTENT = "content"
_NOTIFICATIONS = "notifications"
LOOKS = "looks"
_BYTES = 32


def hmac_key(connection: Connection) -> bytes:
    """The key of every content hash; made now if the ledger has none, the same ever after."""
    return _key(connection, _CONTENT)


def notification_key(connection: Connection) -> bytes:
    """The key from which webhooks' secrets and feeds' passwords are derived; made likewise."""
    return _key(connection, _NOTIFICATIONS)


def look_key(connection: Connection) -> bytes:
    """The key of the hashes that stand in looks for numbers nobody had told of; made likewise."""
    return _key(connection, LOOKS)


def _key(connection: Connection, name: str) -> bytes:
    kept = select(keys.c.secret).where(keys.c.name == name)
    found: bytes | None = connection.execute(kept).scalar_one_or_none()
    if found is None:
        connection.execute(
            insert(keys)
            .values(name=name, secret=secrets.token_bytes(_BYTES))
            .on_conflict_do_nothing(index_elements=["name"])
        )
        found = connection.execute(kept).scalar_one()
    assert found is not None, "it was made just now, here or by another"
    return found
