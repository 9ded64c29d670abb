"""By which thresholds is judged? Those that the log told last; the first ones, if it told of none."""

from sqlalchemy import Connection, select

from ledger.domain.events import ThresholdsAdopted
from ledger.domain.threshold_versions import as_adopted
from ledger.domain.thresholds import THRESHOLDS_1, Thresholds
from ledger.projections.findings import tables
from ledger.store import codec


def in_force(connection: Connection) -> Thresholds:
    """The thresholds adopted last."""
    t = tables.thresholds.c
    newest = select(t.state).order_by(t.position.desc()).limit(1)
    state = connection.execute(newest).scalar_one_or_none()
    if state is None:
        return THRESHOLDS_1
    event = codec.from_bytes(ThresholdsAdopted.TOPIC, state)
    assert isinstance(event, ThresholdsAdopted), "its topic said so"
    return as_adopted(event)
