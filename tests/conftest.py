"""What holds for every test: the same random examples each time, the same terminal, and no silent skip in CI.

With ``CI=true`` a skipped test is a failed one, so that a missing component cannot pass for a tested one. A test that
may be skipped even there says so with ``@pytest.mark.may_skip("why")``.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from graph_service.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}

# `pytest --hypothesis-profile=explore` looks for new examples; what it finds is written down as an explicit @example.
settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", parent=settings.get_profile("steady"), derandomize=False, max_examples=2000)
settings.load_profile("steady")

# Before anything is imported: a setting of whoever runs the tests, or a terminal that is wider or coloured, would
# change what is answered. Processes started by a test inherit this.
for name in [*os.environ]:
    if (name.startswith("GRAPH_SERVICE_") and not name.startswith("GRAPH_SERVICE_TEST_")) or name in {
        "FORCE_COLOR",
        "PY_COLORS",
        "GITHUB_ACTIONS",
    }:
        del os.environ[name]
os.environ.update(COLUMNS="80", LINES="24", NO_COLOR="1", TERM="dumb")


def pytest_configure() -> None:
    """What is compiled must be what is written: else the sources of another day would be tested."""
    for module in (ROOT / "graph_service").rglob("*.so"):
        source = module.with_name(module.name.partition(".")[0] + ".py")
        if not source.is_file() or source.stat().st_mtime > module.stat().st_mtime:
            pytest.exit(f"{source.relative_to(ROOT)} is newer than what is compiled of it; run: make setup", 2)


@pytest.fixture(scope="session", autouse=True)
def user_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder of its own for this run, so that no test opens the store of whoever runs it."""
    folder = tmp_path_factory.mktemp("user-data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        yield folder


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Path:
    """The folder ``shared`` beside the checkout, with data too large to ship; skipped where there is none."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        request.node.add_marker(pytest.mark.may_skip("not part of the checkout"))
        pytest.skip(f"no {folder.name} beside the checkout")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure, unless the test is marked `may_skip`."""
    report = yield
    expected = hasattr(report, "wasxfail") or item.get_closest_marker("may_skip") is not None
    if IN_CI and report.skipped and not expected:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and with CI=true nothing is: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a module that skips itself is a failure."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and with CI=true nothing is: {report.longrepr}"
    return report


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """The bakery, in memory, at revision 1."""
    from tests.api.company import Clock, fill  # what builds on the doors is loaded by who needs it

    with Workspace.open("sqlite://", clock=Clock()) as workspace:
        fill(workspace)
        yield workspace
