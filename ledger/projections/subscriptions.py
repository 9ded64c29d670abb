"""Whom does a practice have told of its breaches: which webhooks and feed tokens, on whose word?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Select,
    String,
    Table,
    bindparam,
    select,
    update,
)

from ledger.domain.events import (
    FeedTokenIssued,
    FeedTokenRevoked,
    Kept,
    WebhookRegistered,
    WebhookRevoked,
)
from ledger.domain.streams import practice_of
from ledger.store.projection import (
    Batch,
    Projection,
    Write,
    metadata,
    nothing,
    topics_of,
    upsert,
)

# `url` is None of a feed token.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("url", String),
    Column("position", BigInteger, nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("begun_by", String, nullable=False),
    Column("revoked_position", BigInteger),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", String),
)
_s = subscriptions.c


class Subscription(NamedTuple):
    """One webhook or feed token from its beginning to its end; it stands while `revoked_at` is None."""

    id: str
    practice: str
    url: str | None
    position: int
    begun_at: datetime
    begun_by: str
    revoked_position: int | None
    revoked_at: datetime | None
    revoked_by: str | None

    @property
    def stands(self) -> bool:
        """Whether it has not been revoked."""
        return self.revoked_at is None


def _apply(batch: Batch, _before: None) -> list[Write]:
    begun, revoked = [], []
    for kept in batch.events:
        match kept.event:
            case WebhookRegistered() as event:
                begun.append(_begun(kept, event.webhook, event.url))
            case FeedTokenIssued() as event:
                begun.append(_begun(kept, event.token, None))
            case WebhookRevoked() as event:
                revoked.append(_revoked(kept, event.webhook))
            case FeedTokenRevoked() as event:
                revoked.append(_revoked(kept, event.token))
            case _:
                pass
    ends: dict[str, Any] = {
        name: bindparam(name) for name in ("revoked_position", "revoked_at", "revoked_by")
    }
    ending = update(subscriptions).where(_s.id == bindparam("ended")).values(**ends)
    return [*upsert(subscriptions, begun), *([Write(ending, revoked)] if revoked else [])]


def _begun(kept: Kept, id_: str, url: str | None) -> Mapping[str, Any]:
    return {
        "id": id_,
        "practice": practice_of(kept.stream),
        "url": url,
        "position": kept.position,
        "begun_at": kept.recorded_at,
        "begun_by": kept.event.by,
        "revoked_position": None,
        "revoked_at": None,
        "revoked_by": None,
    }


def _revoked(kept: Kept, id_: str) -> Mapping[str, Any]:
    return {
        "ended": id_,
        "revoked_position": kept.position,
        "revoked_at": kept.recorded_at,
        "revoked_by": kept.event.by,
    }


SUBSCRIPTIONS = Projection(
    "subscriptions",
    (subscriptions,),
    nothing,
    _apply,
    topics=topics_of(WebhookRegistered, WebhookRevoked, FeedTokenIssued, FeedTokenRevoked),
)


def webhooks_of(connection: Connection, practice: str) -> list[Subscription]:
    """A practice's webhooks: those that stand first, the newest first."""
    return _of(connection, practice, webhooks=True)


def feed_tokens_of(connection: Connection, practice: str) -> list[Subscription]:
    """A practice's feed tokens, likewise."""
    return _of(connection, practice, webhooks=False)


def subscription(connection: Connection, id_: str) -> Subscription | None:
    """One webhook or feed token; None: there is none."""
    row = connection.execute(select(subscriptions).where(_s.id == id_)).one_or_none()
    return None if row is None else Subscription(*row)


def standing_webhooks() -> Select[Any]:
    """The id and practice of every webhook that stands, for whoever joins them."""
    return select(_s.id, _s.practice).where(_s.url.is_not(None), _s.revoked_at.is_(None))


def _of(connection: Connection, practice: str, *, webhooks: bool) -> list[Subscription]:
    query = (
        select(subscriptions)
        .where(_s.practice == practice, _s.url.is_not(None) if webhooks else _s.url.is_(None))
        .order_by(_s.revoked_at.is_not(None), _s.position.desc())
    )
    return [Subscription(*row) for row in connection.execute(query)]
