"""Does a proof hold? What `merkle.py` makes, checked without the tree it was made of.

Both proofs of RFC 6962 (https://www.rfc-editor.org/rfc/rfc6962#section-2.1) name siblings from the
leaf up to the root's child; so the way down from the root takes them from the end.
"""

from collections.abc import Sequence

from ledger.store.merkle import EMPTY_ROOT, node, split


def proved_root(index: int, size: int, *, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's hash and its siblings lead to; None where they are no such proof."""
    if not 0 <= index < size:
        return None
    siblings = list(proof)
    try:
        found = _up_from_leaf(index, size, leaf, siblings)
    except IndexError:
        return None
    return None if siblings else found


def continues(old: tuple[int, bytes], new: tuple[int, bytes], *, proof: Sequence[bytes]) -> bool:
    """Whether the tree `new` (size and root) is proved to begin with the tree `old`."""
    (old_size, old_root), (new_size, new_root) = old, new
    if old_size == 0:
        return old_root == EMPTY_ROOT and not proof
    if old_size > new_size:
        return False
    siblings = list(proof)
    try:
        was, now = _both_roots(old_size, new_size, old_root, siblings)
    except IndexError:
        return False
    return not siblings and (was, now) == (old_root, new_root)


def _up_from_leaf(index: int, size: int, leaf: bytes, siblings: list[bytes]) -> bytes:
    if size == 1:
        return leaf
    left = split(size)
    sibling = siblings.pop()
    if index < left:
        return node(_up_from_leaf(index, left, leaf, siblings), sibling)
    return node(sibling, _up_from_leaf(index - left, size - left, leaf, siblings))


def _both_roots(
    old: int, new: int, given: bytes | None, siblings: list[bytes]
) -> tuple[bytes, bytes]:
    """The roots of the two trees over this stretch. `given`: the old root, while the stretch still
    begins where the log does; a proof does not repeat it.
    """
    if old == new:
        whole = given if given is not None else siblings.pop()
        return whole, whole
    left = split(new)
    sibling = siblings.pop()
    if old <= left:
        was, now = _both_roots(old, left, given, siblings)
        return was, node(now, sibling)
    was, now = _both_roots(old - left, new - left, None, siblings)
    return node(sibling, was), node(sibling, now)
