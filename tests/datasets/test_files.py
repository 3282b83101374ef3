"""kexp.core.files: where data files are looked for, downloads, hashes, gzip."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from kexp.core.files import DataFile, cache_folder, check_hash, find_files, have_files, open_data, search_folders
from kexp.errors import DataError, MissingFileError

CONTENT = b"forty-two"
SHA = hashlib.sha256(CONTENT).hexdigest()
CLOSED = "http://127.0.0.1:9"
FILE = DataFile("numbers.npz", f"{CLOSED}/numbers.npz", SHA, len(CONTENT))


def put(folder: Path, name: str = FILE.name, content: bytes = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_the_cache_is_below_kexp_home(tmp_path: Path) -> None:
    assert cache_folder("some_set") == tmp_path / "home/datasets/some_set"


def test_the_cache_without_kexp_home_is_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEXP_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache_folder("some_set") == tmp_path / "me/.kexp/datasets/some_set"


def test_folders_are_searched_in_the_order_kexp_data_cache_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEXP_DATA", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    names = [str(folder.relative_to(tmp_path)) for folder in search_folders("some_set")]
    assert names == [
        "a/some_set",
        "a/some-set",
        "b/some_set",
        "b/some-set",
        "home/datasets/some_set",
        "system/some_set",
        "system/some-set",
    ]


@pytest.mark.parametrize("spelling", ["some_set", "some-set"])
def test_kexp_data_is_found_under_either_spelling(
    spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEXP_DATA", f"{tmp_path / 'nowhere'}:{tmp_path / 'mine'}")
    place = put(tmp_path / "mine" / spelling)
    assert find_files("some_set", [FILE]) == [place]


def test_kexp_data_comes_before_the_cache_and_the_cache_before_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = put(tmp_path / "system/some-set")
    assert find_files("some_set", [FILE]) == [system]
    cached = put(cache_folder("some_set"))
    assert find_files("some_set", [FILE]) == [cached]
    monkeypatch.setenv("KEXP_DATA", str(tmp_path / "mine"))
    mine = put(tmp_path / "mine/some_set")
    assert find_files("some_set", [FILE]) == [mine]


def test_a_given_path_is_the_only_folder_that_counts(tmp_path: Path) -> None:
    put(cache_folder("some_set"))
    place = put(tmp_path / "given")
    assert find_files("some_set", [FILE], tmp_path / "given") == [place]


def test_a_given_path_without_the_file_is_an_error_and_no_download(tmp_path: Path, server) -> None:
    file = replace(FILE, url=server.give(FILE.name, CONTENT))
    with pytest.raises(MissingFileError) as caught:
        find_files("some_set", [file], str(tmp_path / "given"))
    assert str(caught.value) == (
        f"1 file of the data set 'some_set' not found in {tmp_path}/given:\n"
        "  numbers.npz (9 bytes)\n"
        f"    from   {file.url}\n"
        f"    sha256 {SHA}\n"
        f"Put copies there, or leave `path` out: then they are looked for in {tmp_path}/home/datasets/some_set, "
        f"{tmp_path}/system/some_set, {tmp_path}/system/some-set."
    )
    assert server.asked == []


def test_a_local_file_with_another_hash_is_an_error(tmp_path: Path) -> None:
    place = put(cache_folder("some_set"), content=b"forty-one")
    with pytest.raises(DataError) as caught:
        find_files("some_set", [FILE])
    assert str(caught.value) == (
        f"{place}: this is not the published file.\n"
        f"sha256 expected: {SHA}\n"
        f"sha256 found:    {hashlib.sha256(b'forty-one').hexdigest()}\n"
        "Remove it or put a sound copy in its place."
    )


def test_a_file_whose_content_is_checked_by_its_reader_may_be_compressed_anew_or_not_at_all(tmp_path: Path) -> None:
    file = DataFile("a.txt.gz", f"{CLOSED}/a.txt.gz", "0" * 64, 1, content_sha256=SHA)
    anew = put(tmp_path / "anew", "a.txt.gz", gzip.compress(CONTENT, 1))
    plain = put(tmp_path / "plain", "a.txt")
    assert find_files("some_set", [file], tmp_path / "anew") == [anew]
    assert find_files("some_set", [file], tmp_path / "plain") == [plain]


def test_a_missing_file_is_downloaded_into_the_cache_once(server) -> None:
    file = replace(FILE, url=server.give(FILE.name, CONTENT, announced=len(CONTENT)))
    (place,) = find_files("some_set", [file])
    assert place == cache_folder("some_set") / FILE.name
    assert place.read_bytes() == CONTENT
    assert find_files("some_set", [file]) == [place]
    assert server.asked == ["/numbers.npz"]


def test_only_what_is_missing_is_downloaded(server) -> None:
    present = replace(FILE, name="present.npz", url=server.give("present.npz", CONTENT))
    absent = replace(FILE, name="absent.npz", url=server.give("absent.npz", CONTENT))
    put(cache_folder("some_set"), "present.npz")
    places = find_files("some_set", [present, absent])
    assert [place.name for place in places] == ["present.npz", "absent.npz"]
    assert server.asked == ["/absent.npz"]


def test_a_refused_download_says_what_is_needed_and_where_to_put_it(tmp_path: Path) -> None:
    other = replace(FILE, name="more.npz", url=f"{CLOSED}/more.npz", sha256="1" * 64, size_bytes=12345)
    with pytest.raises(MissingFileError) as caught:
        find_files("some_set", [FILE, other])
    assert str(caught.value) == (
        "2 files of the data set 'some_set' not found, and the download failed ([Errno 111] Connection refused):\n"
        "  numbers.npz (9 bytes)\n"
        "    from   http://127.0.0.1:9/numbers.npz\n"
        f"    sha256 {SHA}\n"
        "  more.npz (12345 bytes)\n"
        "    from   http://127.0.0.1:9/more.npz\n"
        f"    sha256 {'1' * 64}\n"
        f"Put copies into {tmp_path}/home/datasets/some_set, or name a folder that holds them with "
        "dataset.path=FOLDER (in Python: path=).\n"
        f"Looked in {tmp_path}/home/datasets/some_set, {tmp_path}/system/some_set, {tmp_path}/system/some-set."
    )


def test_files_that_were_fetched_are_not_listed_as_missing_when_a_later_one_fails(server) -> None:
    first = replace(FILE, url=server.give(FILE.name, CONTENT))
    second = replace(FILE, name="gone.npz", url=f"{server.url}/gone.npz")
    with pytest.raises(MissingFileError) as caught:
        find_files("some_set", [first, second])
    lines = str(caught.value).splitlines()
    assert lines[0] == (
        "1 file of the data set 'some_set' not found, and the download failed "
        f"(404 Client Error: Not Found for url: {server.url}/gone.npz):"
    )
    assert lines[1] == "  gone.npz (9 bytes)"
    assert (cache_folder("some_set") / FILE.name).read_bytes() == CONTENT


def test_a_download_with_another_hash_is_refused_and_not_kept(server) -> None:
    file = replace(FILE, url=server.give(FILE.name, b"<html>log in first</html>"))
    folder = cache_folder("some_set")
    with pytest.raises(DataError) as caught:
        find_files("some_set", [file])
    assert str(caught.value) == (
        f"what came from {file.url} is not the published file, and was not kept.\n"
        f"sha256 expected: {SHA} (9 bytes)\n"
        f"sha256 found:    {hashlib.sha256(b'<html>log in first</html>').hexdigest()} (25 bytes)\n"
        f"Try again, or put numbers.npz into {folder} by hand."
    )
    assert list(folder.iterdir()) == []


def test_a_download_that_breaks_off_is_not_kept(server) -> None:
    file = replace(FILE, url=server.give(FILE.name, CONTENT[:4], announced=len(CONTENT)))
    with pytest.raises(MissingFileError) as caught:
        find_files("some_set", [file])
    assert str(caught.value).splitlines()[0] == (
        "1 file of the data set 'some_set' not found, and the download failed "
        "(IncompleteRead(4 bytes read, 5 more expected)):"
    )
    assert list(cache_folder("some_set").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("KEXP_HOME", str(tmp_path / "file"))
    file = replace(FILE, url=server.give(FILE.name, CONTENT))
    with pytest.raises(MissingFileError, match=r"and the download failed \(\[Errno 20\] Not a directory: "):
        find_files("some_set", [file])


@pytest.mark.parametrize("name", ["a.txt", "a.gz"])
def test_gzip_is_known_by_content_not_by_name(name: str, tmp_path: Path) -> None:
    for content in (CONTENT, gzip.compress(CONTENT)):
        with open_data(put(tmp_path, name, content)) as file:
            assert file.read() == CONTENT


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[:-12], "Compressed file ended before the end-of-stream marker was reached"),
        (lambda data: data[:-6] + b"\0" * 6, "CRC check failed"),
        (lambda data: data[:12] + b"\xff" * 20 + data[32:], "Error -3 while decompressing data"),
    ],
    ids=["cut off", "wrong checksum", "damaged inside"],
)
def test_damaged_gzip_data_are_an_error_that_names_the_file(damage, reason: str, tmp_path: Path) -> None:
    place = put(tmp_path, "a.gz", damage(gzip.compress(bytes(range(256)) * 4)))
    with pytest.raises(DataError) as caught, open_data(place) as file:
        file.read()
    assert str(caught.value).startswith(f"{place}: the gzip file is damaged or cut off: {reason}")


@pytest.mark.parametrize("published", ["rows.csv", "rows.csv.gz"])
@pytest.mark.parametrize("kept", ["rows.csv", "rows.csv.gz"])
def test_where_the_content_has_a_hash_the_file_may_be_packed_or_not(published: str, kept: str, tmp_path: Path) -> None:
    place = put(tmp_path / "given", kept)
    file = replace(FILE, name=published, content_sha256=SHA)
    assert find_files("some_set", [file], tmp_path / "given") == [place]


def test_without_a_content_hash_only_the_published_name_counts(tmp_path: Path) -> None:
    put(tmp_path / "given", FILE.name + ".gz")
    assert not have_files("some_set", [FILE], tmp_path / "given")


def test_files_are_here_only_if_all_of_them_are(tmp_path: Path) -> None:
    files = [FILE, replace(FILE, name="more.npz")]
    put(cache_folder("some_set"))
    assert have_files("some_set", files[:1]) and not have_files("some_set", files)
    put(cache_folder("some_set"), "more.npz")
    assert have_files("some_set", files) and not have_files("some_set", files, tmp_path / "given")


@pytest.mark.parametrize("page", [b"<!DOCTYPE html>", b" \n<HTML lang=en>"])
def test_a_web_page_is_called_one(page: bytes, tmp_path: Path) -> None:
    place = put(tmp_path, content=page)
    with pytest.raises(DataError) as caught:
        check_hash(place, "1", "2")
    assert str(caught.value).splitlines()[0] == f"{place}: this is not the published file but a web page."
