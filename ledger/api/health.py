"""How is the ledger doing? For operations: nothing here is about anybody."""

from collections.abc import Iterator
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from ledger.api import problems
from ledger.application import Ledger
from ledger.application.pulse import ProjectionPulse, Pulse
from ledger.store.server import ServerUnavailable

router = APIRouter(responses=problems.responses(500))


class Live(BaseModel):
    """The program runs."""

    status: Literal["live"] = "live"


class ProjectionState(BaseModel):
    """How far a projection has come, and how long the oldest event it has not seen has waited."""

    name: str
    position: int
    behind: int
    waiting_seconds: float


class Ready(BaseModel):
    """The database answers and its tables are as they should be."""

    status: Literal["ready"] = "ready"
    position: int
    projections: list[ProjectionState]
    seal: ProjectionState


class MetricsText(PlainTextResponse):
    """What Prometheus reads."""

    media_type = "text/plain; version=0.0.4"


@router.get("/health/live")
def live() -> Live:
    """Whether the program runs; asks nothing of the database."""
    return Live()


@router.get("/health/ready", responses=problems.responses(503))
def ready(request: Request) -> Ready:
    """Whether questions can be answered; a projection that is behind only makes them older."""
    pulse = _pulse(request)
    return Ready(
        position=pulse.position,
        projections=[_state(each) for each in pulse.projections],
        seal=_state(pulse.seal),
    )


@router.get("/metrics", responses=problems.responses(503), response_class=MetricsText)
def metrics(request: Request) -> MetricsText:
    """The same for Prometheus; from the database, so that every process tells the same."""
    return MetricsText("".join(f"{line}\n" for line in _metrics(_pulse(request))))


def _state(pulse: ProjectionPulse) -> ProjectionState:
    return ProjectionState(
        name=pulse.name,
        position=pulse.position,
        behind=pulse.behind,
        waiting_seconds=pulse.waiting.total_seconds(),
    )


def _pulse(request: Request) -> Pulse:
    ledger: Ledger = request.app.state.ledger
    pulse = ledger.pulse()
    if not pulse.migrated:
        raise ServerUnavailable("the database lacks migrations that this program needs")
    request.state.position = pulse.position
    return pulse


def _metrics(pulse: Pulse) -> Iterator[str]:
    yield from _gauge("head_position", "The newest position of the log", {"": pulse.position})
    yield from _gauge("head_age_seconds", "Its age", {"": pulse.age.total_seconds()})
    by_name = {f'{{projection="{each.name}"}}': each for each in pulse.projections}
    yield from _gauge(
        "projection_position",
        "How far a projection has come",
        {label: each.position for label, each in by_name.items()},
    )
    yield from _gauge(
        "projection_lag_events",
        "How many events it has still to see",
        {label: each.behind for label, each in by_name.items()},
    )
    yield from _gauge(
        "projection_lag_seconds",
        "How long the oldest of them has waited",
        {label: each.waiting.total_seconds() for label, each in by_name.items()},
    )
    yield from _gauge("webhooks_waiting", "How many notices wait to be sent", {"": pulse.unsent})
    yield from _gauge(
        "webhooks_waiting_seconds",
        "How long the oldest of them has waited",
        {"": pulse.unsent_for.total_seconds()},
    )
    yield from _gauge("webhooks_dead", "How many notices were given up", {"": pulse.given_up})

    seal = pulse.seal
    yield from _gauge("seal_position", "Up to where the log is signed", {"": seal.position})
    yield from _gauge("seal_lag_events", "How many events it has still to sign", {"": seal.behind})
    yield from _gauge(
        "seal_lag_seconds",
        "How long the oldest of them has waited",
        {"": seal.waiting.total_seconds()},
    )


def _gauge(name: str, means: str, values: dict[str, float]) -> Iterator[str]:
    yield f"# HELP ledger_{name} {means}."
    yield f"# TYPE ledger_{name} gauge"
    for label, value in values.items():
        yield f"ledger_{name}{label} {value}"
