"""How what the ledger knows becomes the records others script against."""

import json
from collections.abc import Sequence

from ledger.application.records import (
    AgreementRecord,
    ChangeRecord,
    DeliveryLineRecord,
    DeliveryRecord,
    EventRecord,
    FindingRecord,
    PairingRecord,
    ParcelRecord,
    RefusedRowRecord,
    SettingRecord,
    SharingRecord,
)
from ledger.application.standpoint import View
from ledger.domain.callers import Caller, Role
from ledger.domain.entries import RefusedRow, Setting
from ledger.domain.events import DeliveryReceived
from ledger.domain.recording_errors import by_code
from ledger.domain.wording import upheld_in_words
from ledger.projections import findings as found_findings
from ledger.projections.deliveries import DeliveryLine, ParcelLine
from ledger.projections.pairings import Pairing
from ledger.projections.sharing_state import SharingState
from ledger.readers.delivery import Found
from ledger.store.log import KeptEvent


def delivery_refused(
    found: Found,
    delivery: str,
    *,
    reason: str | None,
    position: int | None,
) -> DeliveryRecord:
    """A delivery of which nothing was kept, with the reason."""
    return DeliveryRecord(
        id=delivery,
        path=str(found.path),
        format=found.format,
        practices=[],
        period_end=None,
        rows_read=0,
        entries_kept=0,
        unchanged=0,
        removed=0,
        unmatched=0,
        refused=[],
        state="refused",
        reason=reason,
        position=position,
    )


def delivery_again(
    found: Found, delivery: str, received: DeliveryReceived, position: int
) -> DeliveryRecord:
    """The same files again: nothing is added, and the record says so."""
    return DeliveryRecord(
        id=delivery,
        path=str(found.path),
        format=received.format,
        practices=list(received.practices),
        period_end=received.period_end,
        rows_read=received.rows_read,
        entries_kept=0,
        unchanged=received.entries_kept + received.unchanged,
        removed=0,
        unmatched=0,
        refused=[],
        state="accepted",
        already_taken=True,
        notes=["taken in before: the same files again add nothing"],
        position=position,
    )


def delivery_line_record(line: DeliveryLine, *, by: Caller) -> DeliveryLineRecord:
    """A delivery in a list; a controller reads of their own practices only."""
    told = line._asdict()
    return DeliveryLineRecord(
        **{name: told[name] for name in told if name not in ("refused", "dated", "practices")},
        practices=_seen(line.practices, by=by),
        rows_refused=line.refused,
    )


def delivery_record(
    line: DeliveryLine, refused: Sequence[RefusedRow], notes: Sequence[str], *, by: Caller
) -> DeliveryRecord:
    """One delivery with the first of its refused rows and its notes."""
    told = line._asdict()
    return DeliveryRecord(
        **{name: told[name] for name in told if name not in ("refused", "dated", "practices")},
        practices=_seen(line.practices, by=by),
        rows_refused=line.refused,
        refused=[RefusedRowRecord(**row._asdict()) for row in refused],
        notes=list(notes),
    )


def parcel_record(line: ParcelLine, deliveries: Sequence[DeliveryLineRecord]) -> ParcelRecord:
    """What became of a parcel: as good as its deliveries are all told."""
    states = {delivery.state for delivery in deliveries}
    return ParcelRecord(
        id=line.id,
        state=states.pop() if len(states) == 1 else "accepted-in-part" if states else "refused",
        by=line.by,
        reason=line.reason,
        notes=line.notes,
        deliveries=list(deliveries),
        recorded_at=line.recorded_at,
        position=line.position,
    )


def pairing_record(practice: str, pairing: Pairing) -> PairingRecord:
    """One pairing from its approval to its end."""
    ended = pairing.revoked_position
    return PairingRecord(
        practice=practice,
        system=pairing.system,
        state="standing" if ended is None else "revoked",
        approved_at=pairing.approved_at,
        approved_by=pairing.approved_by,
        revoked_at=pairing.revoked_at,
        revoked_by=pairing.revoked_by,
        positions=[pairing.approved_position, *([] if ended is None else [ended])],
    )


def _seen(practices: Sequence[str], *, by: Caller) -> list[str]:
    return [code for code in practices if by.role is Role.AUDITOR or code in by.practices]


def event_record(kept: KeptEvent) -> EventRecord:
    """An event as it stands in the log."""
    return EventRecord(
        position=kept.position,
        stream=kept.stream,
        version=kept.version,
        topic=kept.topic,
        recorded_at=kept.recorded_at,
        state=json.loads(kept.state),
    )


def finding_record(
    found: found_findings.FoundFinding, *, number: str | None, supplier: str | None
) -> FindingRecord:
    """A finding, with the NHS number for whoever may see it."""
    rule = by_code(found.rule)
    meanwhile = rule.meanwhile or upheld_in_words(upheld=bool(found.upheld_meanwhile))
    return FindingRecord(
        **{
            **found._asdict(),
            "positions": list(found.positions),
            "nhs_number": number,
            "supplier": supplier,
            "name": rule.name,
            "closes_when": rule.closes,
            "meanwhile": meanwhile if found.state == "open" else None,
        }
    )


def sharing_record(state: SharingState, view: View) -> SharingRecord:
    """A practice's sharing state, as an answer speaks of it."""
    settings = {
        Setting.AUTO_SHARE_OUT: state.auto_share_out,
        Setting.AUTO_SHARE_IN: state.auto_share_in,
        Setting.SHARE_IN_RULE: state.share_in_rule,
    }
    return SharingRecord(
        practice=state.practice,
        at=state.on,
        settings=[
            SettingRecord(
                setting=setting,
                value=change.value if change else None,
                changed_at=change.changed_at if change else None,
                changed_by=change.by if change else None,
                position=change.position if change else None,
            )
            for setting, change in settings.items()
        ],
        allowed=list(state.allowed),
        prohibited=list(state.prohibited),
        agreement=None
        if state.agreement is None
        else AgreementRecord(
            **{
                name: value
                for name, value in state.agreement._asdict().items()
                if name != "recorded_at"
            }
        ),
        history=[
            ChangeRecord(
                setting=change.setting,
                value=change.value,
                organisation=change.organisation,
                changed_at=change.changed_at,
                changed_by=change.by,
                position=change.position,
            )
            for change in state.history
        ],
        position=view.known.position,
        known_at=view.known.time,
        policy=view.policy,
    )
