"""Which keys does the ledger sign with, and where are they kept?

Ed25519, in PEM, in a file below `LEDGER_HOME` that nobody but its owner can read.
"""

import contextlib
import os
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


def own_key(path: Path) -> Ed25519PrivateKey:
    """The key in this file; made, with mode 0600, when it is first asked for."""
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        pem = _made(path)
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds another kind of key: remove it, and one will be made")
    return key


def _made(path: Path) -> bytes:
    """Written apart and linked into place: of two processes that start together, one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(
                Ed25519PrivateKey.generate().private_bytes(
                    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
                )
            )
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    return path.read_bytes()
