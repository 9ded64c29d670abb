"""The mission: re-enacted from the suppliers' own formats, every planted error found, no other."""

from tests.cli.conftest import Run


def test_the_demo_finds_every_planted_error_and_no_other(run: Run) -> None:
    answer = run("demo", "--check")

    assert "3 May 2016: TX02 raised" in answer.out
    assert "784 days later" in answer.out
    for route in ("systmone-sre", "emis-extract", "vision-extract", "gp-connect-structured"):
        assert route in answer.out
    assert "recall 1.000, precision 1.000" in answer.out
    assert answer.code == 0


def test_the_demo_leaves_another_ledger_alone(run: Run) -> None:
    run("open", "a ledger with work in it")

    answer = run("demo", "--check")

    assert answer.code == 2
    assert "another ledger" in answer.err
