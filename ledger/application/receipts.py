"""What did the ledger answer, from which history, and does it still?

A receipt is an answer that the ledger put its name to: question, answer, policy, position and a
checkpoint that covers it. Whoever has one shows it to anybody, and `check` asks the ledger the
same again at that position (docs/formats.md 10, docs/adr/0031).

A receipt holds the NHS numbers its owner asked about, and is theirs: the ledger keeps none.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict, Unpack

from pydantic import JsonValue, ValidationError

from ledger.application.commands import Ledger
from ledger.application.records import (
    AnswerDifferenceRecord,
    ReceiptCheckRecord,
    ReceiptRecord,
    StatusAskedRecord,
    StatusRecord,
    StatusSaidRecord,
    VerificationRecord,
)
from ledger.application.sealing import PROOF, Seal
from ledger.application.status import Question
from ledger.domain.callers import OPERATOR, Caller
from ledger.domain.looks import Shown
from ledger.domain.points import Point
from ledger.domain.policies import policy_named
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import (
    NotYet,
    PastTheEnd,
    ProofBroken,
    SealBroken,
    TreeBroken,
    UnknownPolicy,
)
from ledger.store.checkpoint import Checkpoint, Verifier, confirm, from_base64, read_checkpoint
from ledger.store.proving import proved_root

# What is signed begins with it, so that no receipt is ever a checkpoint: there a number follows.
FORM = "objection-ledger/receipt/v1"
LONGEST = 64 << 20
_PATIENCE = 2.0


class StatusAsked(TypedDict, total=False):
    """What narrows a question for statuses."""

    at: date | None
    known_at: Point | None
    policy: str | None
    practice: str | None
    max_age: timedelta | None
    by: Caller


class Receipts:
    """Gives receipts for a ledger's answers, and checks them."""

    def __init__(
        self,
        ledger: Ledger,
        seal: Seal,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._seal = seal
        self._clock = clock

    def statuses(
        self,
        numbers: Sequence[str],
        purpose: Purpose,
        **asked: Unpack[StatusAsked],
    ) -> tuple[list[StatusRecord], ReceiptRecord]:
        """The status of each NHS number, in the order asked, and the receipt for it."""
        question = self._ledger.status_question(purpose, **asked)
        if question.reached < question.known_at:
            raise NotYet(
                f"the tables of this answer have come to position {question.reached} of "
                f"{question.known_at}, and a receipt has to come out the same again: ask again later"
            )
        told = self._ledger.statuses_of(numbers, question, by=asked.get("by", OPERATOR))
        return told, self._receipt(question, told)

    def check(
        self, text: str, *, keys: Sequence[str] | None = None, whole: bool = True
    ) -> ReceiptCheckRecord:
        """Whether a receipt is the ledger's, its history unaltered, and its answer still the same.

        Refuses what is no receipt or was altered (`ProofBroken`), what no trusted key signed
        (`AnotherLog`), a history that is not the one it was given from (`SealBroken`, which names
        the position, or `TreeBroken`), and what cannot be asked again (`PastTheEnd`,
        `UnknownPolicy`). `keys` are the public keys to trust; else those the ledger kept. `whole`:
        go through all of the log, rather than only the events that the answer rests on.
        """
        trusted = self._seal.trusted(keys)
        receipt = read(text, trusted)
        checkpoint = read_checkpoint(receipt.checkpoint, trusted)
        head = self._ledger.known().position
        if receipt.position > head:
            raise PastTheEnd(
                f"the receipt speaks of position {receipt.position}, and the ledger ends at {head}: "
                "it is an older copy, or lost what came after"
            )
        chosen = policy_named(receipt.policy)
        if chosen is None:
            raise UnknownPolicy(
                f"there is no policy {receipt.policy!r}: see `ledger status --help`"
            )
        asked = receipt.question
        leaves = _proved(receipt, checkpoint)
        self._must_hold(self._seal.verify_some(leaves, held=checkpoint))
        if whole:
            self._must_hold(self._seal.verify(held=receipt.checkpoint, keys=keys))
        self._ledger.catch_up()
        told = self._ledger.statuses_of(
            asked.nhs_numbers,
            Question(
                purpose=Purpose(asked.purpose),
                at=asked.at,
                known_at=receipt.position,
                known_time=asked.known_at,
                policy=chosen,
                now=asked.now,
                reached=receipt.position,
                practice=asked.practice,
                max_age=None if asked.max_age is None else timedelta(days=asked.max_age),
            ),
            shown=Shown.RECEIPT,
            by=OPERATOR,
        )
        differences = _differences(receipt.answer.statuses, told)
        return ReceiptCheckRecord(
            same=not differences,
            kind=receipt.kind,
            position=receipt.position,
            policy=receipt.policy,
            rows=len(told),
            events=checkpoint.size if whole else len(leaves),
            differences=differences,
        )

    def _receipt(self, question: Question, told: Sequence[StatusRecord]) -> ReceiptRecord:
        sealed = self._seal.covering(question.known_at, seconds=_PATIENCE)
        opened = self._ledger.opened()
        unsigned = ReceiptRecord(
            receipt=FORM,
            kind="status",
            origin=self._seal.origin,
            ledger=opened.name,
            mode=opened.mode.value,
            issued_at=self._clock(),
            question=StatusAskedRecord(
                nhs_numbers=[status.nhs_number for status in told],
                purpose=question.purpose,
                at=question.at,
                known_at=question.known_time,
                policy=question.policy.name,
                practice=question.practice,
                max_age=None if question.max_age is None else question.max_age.days,
                now=question.now,
            ),
            answer=StatusSaidRecord(statuses=list(told)),
            policy=question.policy.name,
            at=question.at,
            position=question.known_at,
            known_at=question.known_time,
            checkpoint=sealed.note,
            evidence=self._seal.proved(_rests_on(told), sealed),
            signature="",
        )
        signature = self._seal.line(_signed(unsigned.model_dump(mode="json"))).rstrip("\n")
        return unsigned.model_copy(update={"signature": signature})

    @staticmethod
    def _must_hold(found: VerificationRecord) -> None:
        """Refuse if the history that a receipt was given from is not the ledger's any more."""
        if found.holds:
            return
        where = "" if found.position is None else f"position {found.position}: "
        raise (TreeBroken if found.part == "tree" else SealBroken)(f"{where}{found.reason}")


def read(text: str, trusted: Sequence[Verifier]) -> ReceiptRecord:
    """A receipt, if one of the keys signed it, and its checkpoint covers its position."""
    if len(text) > LONGEST:
        raise ProofBroken("expected a receipt, found a text that is far too long for one")
    try:
        told = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
        receipt = ReceiptRecord.model_validate_json(json.dumps(told))
    except (ValueError, RecursionError) as why:
        # What was handed in may hold NHS numbers: neither message is repeated.
        field = _first_field(why)
        raise ProofBroken(
            "expected a receipt, as `ledger status --receipt` writes it: found "
            + (f"another thing in {field}" if field else "another text")
        ) from None
    confirm(_signed(told), receipt.signature, trusted, what="receipt")
    checkpoint = read_checkpoint(receipt.checkpoint, trusted)
    if checkpoint.origin != receipt.origin or checkpoint.size < receipt.position:
        raise ProofBroken("the receipt's checkpoint does not cover the position it speaks of")
    return receipt


def _proved(receipt: ReceiptRecord, checkpoint: Checkpoint) -> dict[int, bytes]:
    """The leaf hashes of the events that the answer names, each proved by the receipt itself."""
    found = {}
    for proved in receipt.evidence:
        leaf = from_base64(proved.leaf_hash)
        head, _, note = proved.proof.partition("\n\n")
        form, index, *hashes = [*head.split("\n"), "", ""]
        siblings = [from_base64(line) for line in hashes[:-2]]
        if (form, index, note) != (PROOF, f"index {proved.position - 1}", receipt.checkpoint) or (
            proved_root(proved.position - 1, checkpoint.size, leaf=leaf, proof=siblings)
            != checkpoint.root
        ):
            raise ProofBroken(f"the receipt's proof of position {proved.position} does not hold")
        found[proved.position] = leaf
    if found.keys() != _rests_on(receipt.answer.statuses):
        raise ProofBroken("the receipt does not prove just the events that its answer rests on")
    return found


def _signed(told: dict[str, object]) -> str:
    """What the signature of a receipt is over: numbers are whole, so RFC 8785 asks no more."""
    rest = {name: value for name, value in told.items() if name != "signature"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{FORM}\n{canonical}\n"


def _rests_on(told: Sequence[StatusRecord]) -> set[int]:
    entries = [
        entry
        for status in told
        for entry in (*([status.because] if status.because else []), *status.conflicts)
    ]
    return {entry.position for entry in entries}


def _differences(
    was: Sequence[StatusRecord], now: Sequence[StatusRecord]
) -> list[AnswerDifferenceRecord]:
    """Field by field, as both are written; a row is told by its number, never by whose it is."""
    found = []
    for row, (old, new) in enumerate(zip(was, now, strict=True), 1):
        before = old.model_dump(mode="json", exclude_unset=True)
        after = new.model_dump(mode="json")
        found += [
            AnswerDifferenceRecord(row=row, field=name, was=before[name], now=after[name])
            for name in before
            if not _says(after[name], before[name])
        ]
    return found


def _says(now: JsonValue, was: JsonValue) -> bool:
    """Whether what is said now says all that was said then: records may have gained fields."""
    match now, was:
        case dict(), dict():
            return all(name in now and _says(now[name], was[name]) for name in was)
        case list(), list():
            return len(now) == len(was) and all(map(_says, now, was))
        case _:
            return now == was


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A name that stands twice would say one thing to us and another to somebody else."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _no_number(_told: str) -> None:
    raise ValueError


def _first_field(why: Exception) -> str | None:
    if not isinstance(why, ValidationError):
        return None
    return ".".join(str(part) for part in why.errors()[0]["loc"] if isinstance(part, str)) or None
