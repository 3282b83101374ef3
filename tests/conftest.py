"""What all tests share: where real data lie, and skips that count as failures where nothing may be absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from kexp.backend import settings
from kexp.core import streams

NO_SKIPS = bool(os.environ.get("KEXP_TEST_NO_SKIPS"))
if NO_SKIPS:  # there the same examples each time; at home new ones
    hypothesis.settings.register_profile("repeatable", derandomize=True)
    hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real data sets (churn, pima, ...)."""
    folder = os.environ.get("KEXP_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("real data sets are not here: KEXP_TEST_DATA names no folder")
    return Path(folder)


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    """Give each test the default settings, and take back what it changed."""
    before, seed = vars(settings._settings).copy(), streams._global_seed
    yield
    vars(settings._settings).update(before)
    streams._global_seed = seed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if NO_SKIPS and report.skipped and not {"gpu", "download"} & set(item.keywords) and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be absent: {reason}"
