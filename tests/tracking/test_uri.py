"""The store's address: what is taken, what is refused, and how a person opens it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kexp.errors import ArgumentError
from kexp.tracking.mlflow_tracker import MlflowTracker
from kexp.tracking.uri import find_store, run_link, sqlite_path, sqlite_uri

HERE = Path("/home/me")


def test_store_is_a_database_in_the_working_directory() -> None:
    store = find_store(None, folder=HERE, environ={})
    assert store.uri == store.shown == "sqlite:////home/me/mlflow.db"
    assert (store.name, store.ui_command) == ("sqlite:///mlflow.db", "mlflow ui")


def test_store_of_the_environment_is_taken_when_the_config_names_none() -> None:
    environ = {"MLFLOW_TRACKING_URI": "http://host:5000"}
    assert find_store(None, folder=HERE, environ=environ).uri == "http://host:5000"
    assert find_store("sqlite:///a.db", folder=HERE, environ=environ).uri == "sqlite:////home/me/a.db"


@pytest.mark.parametrize(
    ("uri", "command"),
    [
        ("sqlite:///a.db", "mlflow ui --backend-store-uri sqlite:///a.db"),
        ("sqlite:///../b.db", "mlflow ui --backend-store-uri sqlite:////home/me/../b.db"),
        ("sqlite:////data/my runs/c.db", "mlflow ui --backend-store-uri 'sqlite:////data/my runs/c.db'"),
        ("postgresql://me:pw@host/db", "mlflow ui --backend-store-uri 'postgresql://me:***@host/db'"),
    ],
)
def test_store_says_how_to_open_it(uri: str, command: str) -> None:
    assert find_store(uri, folder=HERE, environ={}).ui_command == command


def test_store_beside_an_old_file_store_is_opened_by_name(tmp_path: Path) -> None:
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    (tmp_path / "mlruns" / "0" / "meta.yaml").touch()
    store = find_store(None, folder=tmp_path, environ={})
    assert store.ui_command == "mlflow ui --backend-store-uri sqlite:///mlflow.db"


def test_store_shows_no_password() -> None:
    store = find_store("https://me:p:w@host/mlflow", folder=HERE, environ={})
    assert store.uri == "https://me:p:w@host/mlflow"
    assert store.shown == store.name == "https://me:***@host/mlflow"
    assert (
        run_link(store, "3", "abc")
        == "https://me:***@host/mlflow/#/experiments/3/runs/abc?workflowType=machine_learning"
    )


def test_run_link_is_for_servers() -> None:
    assert run_link(find_store(None, folder=HERE, environ={}), "3", "abc") is None


@pytest.mark.parametrize("path", ["/a b/x.db", "/50% done/x.db", "/a%20b/x.db", "/why?/x.db", "/ü/x"])
def test_sqlite_uri_leads_back_to_its_file(path: str) -> None:
    assert sqlite_path(sqlite_uri(Path(path))) == Path(path)


def test_sqlite_uri_keeps_its_query() -> None:
    assert find_store("sqlite:///a.db?timeout=9", folder=HERE, environ={}).uri == "sqlite:////home/me/a.db?timeout=9"


@pytest.mark.parametrize("uri", ["./mlruns", "file:///data/mlruns", "mlruns"])
def test_plain_folder_is_refused(uri: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        MlflowTracker(uri)
    assert str(caught.value) == (
        f"tracking.uri: {uri!r} is a plain folder, and MLflow no longer keeps runs in those (since 3.13).\n"
        "Write sqlite:///mlflow.db, or the address of a server (http://...)."
    )


def test_plain_folder_of_the_environment_is_refused_with_its_place() -> None:
    with pytest.raises(ArgumentError, match=r"^the environment variable MLFLOW_TRACKING_URI: './mlruns' is a pl"):
        find_store(None, folder=HERE, environ={"MLFLOW_TRACKING_URI": "./mlruns"})


def test_plain_folder_is_taken_where_mlflow_is_told_to() -> None:
    environ = {"MLFLOW_ALLOW_FILE_STORE": "true"}
    assert find_store("/data/mlruns", folder=HERE, environ=environ).uri == "file:///data/mlruns"


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("runs.db", "'runs.db' is a plain folder, .*\nWrite sqlite:///runs.db, "),
        ("sqlite:runs.db", "'sqlite:runs.db' needs three slashes before the file's name. Write sqlite:///runs.db."),
        ("sqlite://runs.db", "'sqlite://runs.db' needs three slashes before the file's name. Write sqlite:///runs.db."),
        ("sqlite://", "'sqlite://' keeps runs in memory, where they are lost. Write sqlite:///mlflow.db."),
        ("sqlite:///:memory:", "keeps runs in memory, where they are lost. Write sqlite:///mlflow.db."),
    ],
)
def test_wrong_uri_is_answered_with_the_right_one(uri: str, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        MlflowTracker(uri)
