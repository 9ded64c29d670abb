"""Of which breaches have we told, whom, and what is still on its way?

A notice is taken when a breach is first seen open, and ends when it is one no more; back again, it
is another turn. Findings can be made anew from the log as often as anybody likes: what was noticed
is known by finding and turn, so nobody is told twice.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    insert,
    literal,
    not_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

from ledger.store.tables import noticed_up_to, notices, sendings

WAITING, DELIVERED, DEAD, DROPPED = "waiting", "delivered", "dead", "dropped"
# Only who takes notices takes this lock.
_NOTICING_LOCK = 2026_1123
_n, _s = notices.c, sendings.c


class Notice(NamedTuple):
    """One breach that is told of: nothing in it says whose it is."""

    number: int
    finding: str
    turn: int
    practice: str
    rule: str
    severity: str
    since: date
    found_at: datetime
    noticed_at: datetime


class Sending(NamedTuple):
    """A notice on its way to one webhook, and how often that was tried."""

    webhook: str
    notice: Notice
    state: str
    attempts: int
    began_at: datetime
    next_try: datetime
    tried_at: datetime | None
    last_error: str | None


class Waiting(NamedTuple):
    """How many sendings wait or were given up, and since when the oldest has waited."""

    waiting: int
    dead: int
    oldest: datetime | None


def take_notices(
    connection: Connection,
    *,
    position: int,
    again: bool,
    breaches: Select[Any],
    webhooks: Select[Any],
    now: datetime,
) -> int:
    """Notice what has become a breach, and what is one no more; how many sendings that makes.

    `breaches` yields id, practice, rule, severity, since, found_at and whether it is `open` (else
    it was dismissed, which neither begins nor ends anything); `webhooks` id and practice. They
    stand at `position`: at one that was noticed before only `again`, since a day may have come;
    never before one that was noticed, for then findings are being made anew. What stands at the
    very first look, as in a database restored without this schema, is nobody's news.
    """
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _NOTICING_LOCK})
    last = connection.execute(select(noticed_up_to.c.position)).scalar_one_or_none()
    if last is not None and (position < last or (position == last and not again)):
        return 0
    found = breaches.cte("found")
    still = select(literal(1)).where(found.c.id == _n.finding, found.c.practice == _n.practice)
    ending = update(notices).where(_n.ended_at.is_(None), not_(still.exists()))
    connection.execute(ending.values(ended_at=now))
    earlier = notices.alias("earlier")
    turn = (
        select(func.coalesce(func.max(earlier.c.turn), 0) + 1)
        .where(earlier.c.finding == found.c.id)
        .scalar_subquery()
    )
    standing = select(literal(1)).where(_n.finding == found.c.id, _n.ended_at.is_(None))
    told = ("practice", "rule", "severity", "since", "found_at")
    new = (
        select(found.c.id, turn, *(found.c[name] for name in told), literal(now))
        .where(found.c.open, not_(standing.exists()))
        .order_by(found.c.found_at, found.c.id)
    )
    begun = (
        insert(notices)
        .from_select(["finding", "turn", *told, "noticed_at"], new)
        .returning(_n.number, _n.practice)
        .cte("begun")
    )
    hooks = (webhooks.where(false()) if last is None else webhooks).subquery("hooks")
    columns = ["notice", "webhook", "state", "attempts", "began_at", "next_try"]
    sent = insert(sendings).from_select(
        columns,
        select(
            begun.c.number,
            hooks.c.id,
            literal(WAITING),
            literal(0),
            literal(now),
            literal(now),
        ).join(hooks, hooks.c.practice == begun.c.practice),
    )
    made = connection.execute(sent.add_cte(begun)).rowcount
    reached = postgresql.insert(noticed_up_to).values(position=position)
    connection.execute(
        reached.on_conflict_do_update(index_elements=["only_row"], set_={"position": position})
    )
    return made


def notices_of(
    connection: Connection, practice: str, *, before: int | None = None, limit: int
) -> list[Notice]:
    """What a practice was told, the newest first; `before` a number, what is older than it."""
    query = select(*_notice()).where(_n.practice == practice)
    if before is not None:
        query = query.where(_n.number < before)
    rows = connection.execute(query.order_by(_n.number.desc()).limit(limit))
    return [Notice(*row) for row in rows]


def webhooks_due(connection: Connection, now: datetime) -> list[str]:
    """The webhooks to which something is to be sent now, who has waited longest first."""
    query = (
        select(_s.webhook)
        .where(_s.state == WAITING, _s.next_try <= now)
        .group_by(_s.webhook)
        .order_by(func.min(_s.next_try), _s.webhook)
    )
    return list(connection.execute(query).scalars())


def lock_webhook(connection: Connection, webhook: str) -> bool:
    """Whether this transaction alone may send to a webhook, until it ends."""
    ask = text("select pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    taken: bool = connection.execute(ask, {"name": f"webhook {webhook}"}).scalar_one()
    return taken


def next_sending(connection: Connection, webhook: str, now: datetime) -> Sending | None:
    """What is to be sent to a webhook now, first what was tried least; None: nothing.

    By tries, so that one notice that a receiver chokes on does not keep the others from it.
    """
    query = (
        _sendings()
        .where(_s.webhook == webhook, _s.state == WAITING, _s.next_try <= now)
        .order_by(_s.attempts, _s.notice)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _sending(row)


def keep_outcome(
    connection: Connection,
    sending: Sending,
    *,
    state: str,
    error: str | None,
    now: datetime,
    next_try: datetime,
) -> None:
    """What became of one try."""
    changed = {
        "state": state,
        "attempts": sending.attempts + 1,
        "tried_at": now,
        "next_try": next_try,
        "last_error": error,
    }
    connection.execute(
        update(sendings)
        .where(_s.notice == sending.notice.number, _s.webhook == sending.webhook)
        .values(**changed)
    )


def hold_back(connection: Connection, webhook: str, *, until: datetime) -> None:
    """Send nothing else to a webhook that has just failed before this moment."""
    waiting = and_(_s.webhook == webhook, _s.state == WAITING, _s.next_try < until)
    connection.execute(update(sendings).where(waiting).values(next_try=until))


def end_waiting(connection: Connection, webhook: str, *, state: str, error: str | None) -> None:
    """Send nothing of what waits for a webhook: it was revoked, or says that it is gone."""
    waiting = and_(_s.webhook == webhook, _s.state == WAITING)
    connection.execute(update(sendings).where(waiting).values(state=state, last_error=error))


def dead_letters(
    connection: Connection, webhooks: Sequence[str], *, limit: int, offset: int = 0
) -> list[Sending]:
    """What was given up of these webhooks, the newest first."""
    query = (
        _sendings()
        .where(_s.state == DEAD, _s.webhook.in_(webhooks))
        .order_by(_s.notice.desc(), _s.webhook)
        .limit(limit)
        .offset(offset)
    )
    return [_sending(row) for row in connection.execute(query)]


def send_again(connection: Connection, webhook: str, *, now: datetime) -> int:
    """Have everything that was given up of a webhook sent again; how much that is."""
    changed = {"state": WAITING, "attempts": 0, "began_at": now, "next_try": now}
    dead = and_(_s.webhook == webhook, _s.state == DEAD)
    return connection.execute(update(sendings).where(dead).values(**changed)).rowcount


def counts_of(connection: Connection, webhooks: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many sendings of each webhook are in each state."""
    query = (
        select(_s.webhook, _s.state, func.count())
        .where(_s.webhook.in_(webhooks))
        .group_by(_s.webhook, _s.state)
    )
    counts: dict[str, dict[str, int]] = {webhook: {} for webhook in webhooks}
    for webhook, state, count in connection.execute(query):
        counts[webhook][state] = count
    return counts


def waiting(connection: Connection) -> Waiting:
    """How many wait or were given up, of all webhooks."""
    query = select(
        func.count().filter(_s.state == WAITING),
        func.count().filter(_s.state == DEAD),
        func.min(case((_s.state == WAITING, _s.began_at))),
    ).where(_s.state.in_([WAITING, DEAD]))
    return Waiting(*connection.execute(query).one())


def _notice() -> list[Any]:
    return [_n[name] for name in Notice._fields]


def _sendings() -> Select[Any]:
    own = [_s[name] for name in Sending._fields if name != "notice"]
    return select(*_notice(), *own).join(notices, _n.number == _s.notice)


def _sending(row: Any) -> Sending:
    size = len(Notice._fields)
    webhook, *rest = row[size:]
    return Sending(webhook, Notice(*row[:size]), *rest)
