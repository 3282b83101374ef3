"""Where runs are kept: the tracking URI, checked and made absolute, and how a person opens it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from kexp.errors import ArgumentError

DEFAULT_DATABASE = "mlflow.db"
URI_VARIABLE = "MLFLOW_TRACKING_URI"
HIDDEN = "***"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):([^/@]+)@")
_NAMED_STORES = ("databricks", "databricks-uc", "uc")


@dataclass(frozen=True)
class Store:
    """A tracking store: `uri` for MLflow, which may hold a password, and the forms to show to people.

    `name` is short (`sqlite:///mlflow.db`), `shown` is whole but for the password.
    """

    uri: str
    shown: str
    name: str
    ui_command: str


def find_store(uri: str | None, *, folder: Path, environ: Mapping[str, str]) -> Store:
    """The store that `uri` means in `folder`: without one, that of `MLFLOW_TRACKING_URI`, else a database in `folder`.

    Raises: ArgumentError if the URI cannot hold runs.
    """
    place = "tracking.uri"
    if uri is None and environ.get(URI_VARIABLE):
        uri, place = environ[URI_VARIABLE], f"the environment variable {URI_VARIABLE}"
    uri = check_uri(uri or f"sqlite:///{DEFAULT_DATABASE}", environ, place)
    database = sqlite_path(uri, folder)
    if database is None:
        shown = hide_password(uri)
        return Store(uri, shown, shown, f"mlflow ui --backend-store-uri {shlex.quote(shown)}")
    uri = sqlite_uri(database) + "".join(uri.partition("?")[1:])
    if database.parent != folder:
        return Store(uri, uri, uri, f"mlflow ui --backend-store-uri {shlex.quote(uri)}")
    name = f"sqlite:///{database.name}"
    plain = database.name == DEFAULT_DATABASE and not _has_old_runs(folder)
    return Store(uri, uri, name, "mlflow ui" if plain else f"mlflow ui --backend-store-uri {shlex.quote(name)}")


def check_uri(uri: str, environ: Mapping[str, str], place: str = "tracking.uri") -> str:
    """`uri`, if runs can be kept there.

    Raises: ArgumentError for plain folders, SQLite in memory, and SQLite URIs with too few slashes.
    """
    scheme = uri.partition(":")[0].lower()
    if scheme == "sqlite":
        rest = uri.partition(":")[2]
        if rest.partition("?")[0] in ("//", "///") or ":memory:" in rest:
            raise ArgumentError(f"{place}: {uri!r} keeps runs in memory, where they are lost. Write {_example()}.")
        if not rest.startswith("///"):
            wanted = f"sqlite:///{rest.lstrip('/')}"
            raise ArgumentError(f"{place}: {uri!r} needs three slashes before the file's name. Write {wanted}.")
    elif scheme == "file" or not (_SCHEME.match(uri) or uri in _NAMED_STORES):
        if environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() not in ("true", "1"):
            wanted = f"sqlite:///{uri}" if uri.endswith((".db", ".sqlite", ".sqlite3")) else _example()
            raise ArgumentError(
                f"{place}: {uri!r} is a plain folder, and MLflow no longer keeps runs in those (since 3.13).\n"
                f"Write {wanted}, or the address of a server (http://...)."
            )
        return uri if scheme == "file" else Path(uri).absolute().as_uri()
    return uri


def sqlite_path(uri: str, folder: Path = Path()) -> Path | None:
    """The database file of an SQLite URI, seen from `folder`; None for other stores.

    >>> sqlite_path("sqlite:///runs/mlflow.db", Path("/home/me"))
    PosixPath('/home/me/runs/mlflow.db')
    """
    if not uri.lower().startswith("sqlite:///"):
        return None
    return folder / unquote(uri[len("sqlite:///") :].partition("?")[0])


def sqlite_uri(database: Path) -> str:
    """The URI of a database file with an absolute path; only what would be misread is encoded.

    >>> sqlite_uri(Path("/home/me/50% done/mlflow.db"))
    'sqlite:////home/me/50%25 done/mlflow.db'
    """
    return "sqlite:///" + str(database).replace("%", "%25").replace("?", "%3F")


def hide_password(text: str) -> str:
    """`text` with `***` for the password of every URI in it.

    >>> hide_password("postgresql://me:secret@host/runs")
    'postgresql://me:***@host/runs'
    """
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", text)


def run_link(store: Store, experiment_id: str | None, run_id: str | None) -> str | None:
    """The run's page, where the store is a server."""
    if not store.uri.startswith(("http://", "https://")) or experiment_id is None or run_id is None:
        return None
    page = f"{store.shown.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}"
    return f"{page}?workflowType=machine_learning"  # else the UI shows its GenAI side


def _example() -> str:
    return f"sqlite:///{DEFAULT_DATABASE}"


def _has_old_runs(folder: Path) -> bool:
    """Whether `mlflow ui` would open the old file store in ./mlruns rather than the database beside it."""
    return any(path.parent.name.isdigit() for path in folder.glob("mlruns/*/meta.yaml"))
