"""Do proofs hold? Asked of the file that auditors run, which shares no line with what made them."""

from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

FILE = Path(__file__).parents[1] / "ledger" / "web" / "static" / "verify_ledger.py"
_SPEC = spec_from_file_location("verify_ledger", FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
_VERIFIER = module_from_spec(_SPEC)
_SPEC.loader.exec_module(_VERIFIER)


def leaf_root(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; None where it is no proof of such a leaf."""
    return _VERIFIER.root_from_leaf(index, size, leaf, list(path))


def extends(old: tuple[int, bytes], new: tuple[int, bytes], path: Sequence[bytes]) -> bool:
    """Whether the proof shows that the new tree (size and root) begins with the old one."""
    older, newer = (_VERIFIER.Checkpoint("ours", *head, ()) for head in (old, new))
    return _VERIFIER.is_extended(older, newer, list(path))
