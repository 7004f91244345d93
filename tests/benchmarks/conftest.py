"""A browser for the benchmarks of the chart."""

from tests.browser.conftest import browser

__all__ = ["browser"]
