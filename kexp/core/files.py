"""Finds the files that data sets need: on this computer, else by a download whose hash is checked."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kexp.errors import DataError, MissingFileError

SYSTEM_FOLDER = Path("/usr/share/datasets")
"""Where Debian's dataset packages put their files."""

GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class DataFile:
    """A file of a data set, as its authors publish it.

    sha256 and size_bytes are those of the published file; where its authors give another hash only, 'md5:...'.
    `content_sha256` is the hash of what is inside, given where copies may be compressed anew or not at all: then
    the name stands for its twin with or without .gz too, and whoever reads the content compares it (`check_hash`),
    else `find_files` compares `sha256`.
    """

    name: str
    url: str
    sha256: str
    size_bytes: int
    content_sha256: str = ""


def cache_folder(dataset: str) -> Path:
    """Where downloaded files of `dataset` are kept: $KEXP_HOME/datasets/NAME, else ~/.kexp/datasets/NAME."""
    return Path(os.environ.get("KEXP_HOME") or "~/.kexp").expanduser() / "datasets" / dataset


def search_folders(dataset: str) -> list[Path]:
    """Where files of `dataset` are looked for, in order: the folders of $KEXP_DATA, the cache, the system's.

    Below each of them a folder with the data set's name is meant, words joined by underscores or by hyphens.
    """
    roots = [Path(root).expanduser() for root in os.environ.get("KEXP_DATA", "").split(os.pathsep) if root]
    spellings = list(dict.fromkeys([dataset, dataset.replace("_", "-")]))
    own = [root / name for root in roots for name in spellings]
    return [*own, cache_folder(dataset), *(SYSTEM_FOLDER / name for name in spellings)]


def find_files(dataset: str, files: Sequence[DataFile], path: str | os.PathLike[str] | None = None) -> list[Path]:
    """The place of each file: in the folder `path` alone if it is given, else found or downloaded into the cache.

    Raises: MissingFileError if a file is not there and cannot be had; DataError if its hash is wrong.
    """
    folders = search_folders(dataset) if path is None else [Path(path).expanduser()]
    found = [_find(file, folders) for file in files]
    missing = [file for file, place in zip(files, found, strict=True) if place is None]
    if missing and path is not None:
        usual = _listed(search_folders(dataset))
        advice = f"Put copies there, or leave `path` out: then they are looked for in {usual}."
        raise MissingFileError(_missing_text(dataset, missing, f" in {folders[0]}", advice))
    places = []
    for file, place in zip(files, found, strict=True):
        if place is None:
            place = _fetch(dataset, file, missing, folders)
            missing = missing[1:]
        elif not file.content_sha256:
            check_hash(place, hash_of(place, file.sha256), file.sha256)
        places.append(place)
    return places


def have_files(dataset: str, files: Sequence[DataFile], path: str | os.PathLike[str] | None = None) -> bool:
    """Whether `find_files` would find every file on this computer."""
    folders = search_folders(dataset) if path is None else [Path(path).expanduser()]
    return all(_find(file, folders) is not None for file in files)


def download(file: DataFile, folder: Path) -> Path:
    """Fetch `file` into `folder`; a download with another hash is not kept.

    Raises: OSError (the network's or the disk's) if it cannot be fetched; DataError if the hash is wrong.
    """
    import pooch  # at the door: it brings the HTTP libraries along

    fetch = pooch.HTTPDownloader()

    def fetch_and_check(url: str, target: str, owner: Any) -> None:
        fetch(url, target, owner)
        got = hash_of(Path(target), file.sha256)
        if got != file.sha256:
            raise DataError(
                f"what came from {url} is not the published file, and was not kept.\n"
                f"{_told(file.sha256, 'expected: ')} ({file.size_bytes} bytes)\n"
                f"{_told(got, 'found:    ')} ({Path(target).stat().st_size} bytes)\n"
                f"Try again, or put {file.name} into {folder} by hand."
            )

    return Path(pooch.retrieve(file.url, file.sha256, file.name, folder, downloader=fetch_and_check))


def check_hash(path: Path, found: str, expected: str) -> None:
    """Raise DataError unless the hash that was found is the one that was expected."""
    if found != expected:
        what = " but a web page" if _is_web_page(path) else ""
        raise DataError(
            f"{path}: this is not the published file{what}.\n"
            f"{_told(expected, 'expected: ')}\n{_told(found, 'found:    ')}\n"
            "Remove it or put a sound copy in its place."
        )


def hash_of(path: Path, like: str = "") -> str:
    """The hash of a file, in hex, of the kind and in the form of `like`: SHA-256, or 'md5:...'."""
    kind, mark, _ = like.rpartition(":")
    with path.open("rb") as file:
        return kind + mark + hashlib.file_digest(file, kind or "sha256").hexdigest()


def _told(found: str, word: str) -> str:
    kind, _, digest = found.rpartition(":")
    return f"{kind or 'sha256'} {word}{digest}"


@contextmanager
def open_data(path: Path) -> Iterator[BinaryIO]:
    """The file opened for reading bytes; one that is gzipped (whatever its name) is uncompressed on the way.

    Raises: DataError, inside the `with`, if the gzip data are damaged or cut off.
    """
    try:
        with path.open("rb") as raw:
            if raw.peek(2)[:2] != GZIP_MAGIC:
                yield raw
                return
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked  # type: ignore[misc]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: the gzip file is damaged or cut off: {error}") from error


def _is_web_page(path: Path) -> bool:
    """Whether the file begins as HTML does, as when a download gave a login or error page."""
    with path.open("rb") as file:
        return file.read(256).lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _find(file: DataFile, folders: Sequence[Path]) -> Path | None:
    plain = file.name.removesuffix(".gz")
    names = [file.name, plain, f"{plain}.gz"] if file.content_sha256 else [file.name]
    return next((folder / name for folder in folders for name in names if (folder / name).is_file()), None)


def _fetch(dataset: str, file: DataFile, missing: Sequence[DataFile], folders: Sequence[Path]) -> Path:
    folder = cache_folder(dataset)
    try:
        return download(file, folder)
    except OSError as error:
        reason = f", and the download failed ({_root_cause(error)})"
        advice = (
            f"Put copies into {folder}, or name a folder that holds them with dataset.path=FOLDER (in Python: path=).\n"
            f"Looked in {_listed(folders)}."
        )
        raise MissingFileError(_missing_text(dataset, missing, reason, advice)) from error


def _root_cause(error: BaseException) -> str:
    """The innermost error's text: the outer ones of HTTP libraries print objects with their addresses."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(map(str, folders))


def _missing_text(dataset: str, missing: Sequence[DataFile], reason: str, advice: str) -> str:
    count = "1 file" if len(missing) == 1 else f"{len(missing)} files"
    lines = [f"{count} of the data set {dataset!r} not found{reason}:"]
    for file in missing:
        lines += [f"  {file.name} ({file.size_bytes} bytes)", f"    from   {file.url}", f"    {_told(file.sha256, '')}"]
    return "\n".join([*lines, advice])
