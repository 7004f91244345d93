"""The reference in docs/ says what the program does."""

from tests.cli.reference import FILE, reference


def test_the_reference_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run `python -m tests.cli.reference`"
