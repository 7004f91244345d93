"""The helpers of these tests assert as the tests do, so that a failure says what differs."""

import pytest

pytest.register_assert_rewrite("tests.alignment.decide.company")
