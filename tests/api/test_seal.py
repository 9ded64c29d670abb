"""Can anybody check the log from outside, with other people's formats?"""

import base64
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.store.checkpoint import Verifier, read_checkpoint
from ledger.store.merkle import HASH
from tests.api.conftest import Headers, an_objection
from tests.proofs import extends, leaf_root

Follow = Callable[[], int]


@pytest.fixture
def follow(client: TestClient) -> Follow:
    """Seal what there is; the size of the tree."""
    return lambda: client.app.state.seal.follow().size  # type: ignore[attr-defined]


def trusted(client: TestClient) -> list[Verifier]:
    return [Verifier.read(line) for line in client.get("/checkpoint/keys").text.splitlines()]


def hashes(answer: dict[str, list[str]]) -> list[bytes]:
    return [base64.b64decode(each) for each in answer["hashes"]]


def test_before_anything_is_sealed_there_is_no_checkpoint(client: TestClient) -> None:
    answer = client.get("/checkpoint")

    assert answer.status_code == 404
    assert "not sealed yet" in answer.json()["detail"]


def test_the_checkpoint_is_a_signed_note_and_is_not_cached(
    client: TestClient, follow: Follow, ledger: Ledger
) -> None:
    size = follow()

    answer = client.get("/checkpoint")

    checkpoint = read_checkpoint(answer.text, trusted(client))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "max-age=2"
    assert checkpoint.size == size == ledger.known().position


def test_an_event_is_proved_to_be_in_the_tree(client: TestClient, follow: Follow) -> None:
    size = follow()
    checkpoint = read_checkpoint(client.get("/checkpoint").text, trusted(client))

    answer = client.get("/proof/inclusion", params={"position": 2}).json()

    leaf = base64.b64decode(answer["leaf_hash"])
    assert answer["size"] == size
    assert leaf_root(1, size, leaf, hashes(answer)) == checkpoint.root


def test_a_newer_tree_is_proved_to_continue_an_older_one(
    client: TestClient, follow: Follow, controller: Headers
) -> None:
    follow()
    old = read_checkpoint(client.get("/checkpoint").text, trusted(client))
    client.post("/objections", json=an_objection(), headers=controller)
    follow()
    new = read_checkpoint(client.get("/checkpoint").text, trusted(client))

    answer = client.get("/proof/consistency", params={"old": old.size}).json()

    assert new.size > old.size
    assert extends((old.size, old.root), (new.size, new.root), hashes(answer))


def test_a_tile_is_served_where_the_specification_says_and_for_ever(
    client: TestClient, follow: Follow
) -> None:
    size = follow()

    answer = client.get(f"/tile/0/000.p/{size}")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) == size * HASH
    assert client.get("/tile/0/000.p/1").content == answer.content[:HASH]


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/000", "/tile/0/000.p/255", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/0",
        "/tile/0/x000/001", "/tile/1/000.p/1", "/tile/entries/000", "/tile/8/000", "/tile/0/..%2f",
    ],
)  # fmt: skip
def test_a_tile_that_is_not_there_is_refused(client: TestClient, follow: Follow, path: str) -> None:
    follow()

    answer = client.get(path)

    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/proof/inclusion?position=1000000", "/proof/inclusion?position=1&size=1000000",
        "/proof/consistency?old=1000000", "/proof/consistency?old=1&new=1000000",
        "/proof/consistency?old=3&new=2", "/proof/inclusion?position=0",
    ],
)  # fmt: skip
def test_a_proof_past_the_end_is_refused_with_where_the_end_is(
    client: TestClient, follow: Follow, path: str
) -> None:
    follow()

    answer = client.get(path)

    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"
