"""With which secret does the ledger hash what it may not keep in the clear?

Made once, when the ledger is opened, and kept beside the identities it guards: who may read it
may read the NHS numbers anyway.
"""

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from ledger.store.tables import keys

_CONTENT = "content"
_BYTES = 32


def hmac_key(connection: Connection) -> bytes:
    """The key of every content hash; made now if the ledger has none, the same ever after."""
    connection.execute(
        insert(keys)
        .values(name=_CONTENT, secret=secrets.token_bytes(_BYTES))
        .on_conflict_do_nothing(index_elements=["name"])
    )
    found: bytes = connection.execute(
        select(keys.c.secret).where(keys.c.name == _CONTENT)
    ).scalar_one()
    return found
