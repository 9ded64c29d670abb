"""Who signed a checkpoint, over what, and can it be altered unseen?"""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.domain.refusals import NotAFact
from ledger.store.checkpoint import Signer, Verifier, cosign, cosigned_at, read_checkpoint

ORIGIN = "ledger.example/ours"
ROOT = sha256(b"a root").digest()
NOON = datetime(2018, 7, 3, 12, tzinfo=UTC)


@pytest.fixture
def signer() -> Signer:
    return Signer(ORIGIN, Ed25519PrivateKey.generate())


def test_a_checkpoint_says_whose_how_many_and_which_root(signer: Signer) -> None:
    note = signer.sign(42, ROOT)

    checkpoint = read_checkpoint(note, [signer.verifier])

    assert checkpoint == (ORIGIN, 42, ROOT)
    assert note.startswith(f"{ORIGIN}\n42\n")
    assert note.endswith("\n")


def test_the_published_example_is_confirmed_by_its_published_key() -> None:
    """The Go checksum database's own key and a tree it signed (golang.org/x/mod/sumdb)."""
    key = Verifier.read("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")

    assert key.name == "sum.golang.org"
    assert str(key) == "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n42\n", "\n43\n"), (ORIGIN + "\n42", "other.example\n42"), ("— ", "- ")],
)
def test_an_altered_checkpoint_is_refused(signer: Signer, old: str, new: str) -> None:
    note = signer.sign(42, ROOT).replace(old, new, 1)

    with pytest.raises(NotAFact):
        read_checkpoint(note, [signer.verifier])


def test_another_logs_checkpoint_is_not_taken(signer: Signer) -> None:
    stranger = Signer("elsewhere.example", Ed25519PrivateKey.generate())

    with pytest.raises(NotAFact, match="another log's"):
        read_checkpoint(stranger.sign(42, ROOT), [signer.verifier])


def test_a_second_organisation_says_when_it_saw_a_checkpoint(signer: Signer) -> None:
    witness = Ed25519PrivateKey.generate()
    note = cosign(signer.sign(42, ROOT), name="witness.example", key=witness, at=NOON)
    verifier = Verifier("witness.example", witness.public_key(), cosigns=True)

    checkpoint = read_checkpoint(note, [signer.verifier, verifier])

    assert checkpoint.size == 42
    assert cosigned_at(note, verifier) == NOON
    assert read_checkpoint(note, [verifier]) == checkpoint


def test_a_cosignature_over_another_time_is_refused(signer: Signer) -> None:
    witness = Ed25519PrivateKey.generate()
    verifier = Verifier("witness.example", witness.public_key(), cosigns=True)
    note = cosign(signer.sign(42, ROOT), name="witness.example", key=witness, at=NOON)
    other = cosign(signer.sign(43, ROOT), name="witness.example", key=witness, at=NOON)
    swapped = note[: note.rindex("— witness")] + other[other.rindex("— witness") :]

    with pytest.raises(NotAFact, match="altered"):
        read_checkpoint(swapped, [signer.verifier, verifier])


def test_a_public_key_survives_being_written_down(signer: Signer) -> None:
    assert Verifier.read(str(signer.verifier)) == signer.verifier


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "name+zz+!!", "a+b+c"])
def test_a_text_that_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(NotAFact):
        Verifier.read(text)
