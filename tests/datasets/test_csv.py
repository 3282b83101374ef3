"""The csv data set: columns, numbers, splits, and what it says about files that cannot be used."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from kexp import datasets, plugins
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp_plugins.datasets import table
from kexp_plugins.datasets.csv import CSV

TEXT = "a,b,c\n1,2.5,0\n3,-4e2,1\n5,.5,1\n"


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str | bytes, name: str = "t.csv") -> str:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(tmp_path / name)

    return written


def refusal(kind: type[Exception], path: str, **arguments) -> str:
    """What loading says, without the folder."""
    with pytest.raises(kind) as caught:
        CSV(path, **arguments).load()
    return str(caught.value).replace(f"{Path(path).parent}/", "")


def test_all_columns_but_the_target_are_features(write) -> None:
    train = plugins.current()["dataset"].build({"type": "csv", "path": write(TEXT), "target": "c"}).load()["train"]
    assert train.x.tolist() == [[1, 2.5], [3, -400], [5, 0.5]]
    assert train.x.dtype == np.float32 and train.x.flags.c_contiguous
    assert train.y.tolist() == [0, 1, 1] and train.y.dtype == np.int64


@pytest.mark.parametrize(
    "text", ["\ufeff1,2\n3,4\n", "1,2\n3,4", "\n\r\n1,2\n3,4"], ids=["BOM", "no last line end", "blank"]
)
def test_the_first_row_of_a_file_without_header_is_read_as_it_is(text: str, write) -> None:
    assert CSV(write(text), 1, header=False).load()["train"].x.tolist() == [[1], [3]]


@pytest.mark.parametrize("target", ["c", 2, -1])
def test_columns_go_by_name_or_number(target, write) -> None:
    train = CSV(write(TEXT), target, features=["b", 0]).load()["train"]
    assert train.x.tolist() == [[2.5, 1], [-400, 3], [0.5, 5]]
    assert train.y.tolist() == [0, 1, 1]


def test_a_tilde_stands_for_the_home_folder(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path(write(TEXT)).parent))
    assert CSV("~/t.csv", "c").load()["train"].y.tolist() == [0, 1, 1]


def test_a_file_without_header_has_numbered_columns(write) -> None:
    train = CSV(write("1,2\n3,4\n"), 0, header=False).load()["train"]
    assert train.x.tolist() == [[2], [4]] and train.y.tolist() == [1, 3]


def test_a_list_of_targets_gives_a_matrix(write) -> None:
    two = CSV(write(TEXT), ["c", "b"]).load()["train"]
    one = CSV(write(TEXT), ["c"]).load()["train"]
    assert two.y.tolist() == [[0, 2.5], [1, -400], [1, 0.5]] and two.y.dtype == np.float32
    assert one.y.tolist() == [[0], [1], [1]] and one.y.dtype == np.int64


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [("1 2 3", np.int64), ("1.0 2.0 -3e2", np.int64), ("1 2 3.5", np.float32), ("1 2 9007199254740992", np.float32)],
)
def test_targets_are_integers_only_if_all_are_and_float64_holds_them_exactly(cells: str, dtype, write) -> None:
    rows = "".join(f"0,{cell}\n" for cell in cells.split())
    assert CSV(write(f"x,y\n{rows}"), "y").load()["train"].y.dtype == dtype


def test_numbers_keep_the_precision_of_their_type(write) -> None:
    values = np.random.default_rng(0).standard_normal(500)
    text = "x,y\n" + "".join(f"{value!r},{value / 3!r}\n" for value in values.tolist())
    train = CSV(write(text), "y", dtype="float64").load()["train"]
    assert np.array_equal(train.x[:, 0], values) and np.array_equal(train.y, values / 3)
    assert np.array_equal(CSV(write(text), "y").load()["train"].x[:, 0], values.astype(np.float32))


@pytest.mark.parametrize(
    ("separator", "text"),
    [
        (";", "a;b;c\n1;2;3\n"),
        ("tab", "a\tb\tc\n1\t2\t3\n"),
        ("\t", "a\tb\tc\n1\t2\t3\n"),
        ("whitespace", "  a b   c\n  1\t2   3 \n\n"),
        (",", "\ufeffa, b ,c\r\n\r\n1, 2 ,3\r\n   \r\n"),
        (",", '"a",b,c\n"1","2",3'),
    ],
    ids=["semicolon", "tab", "tab itself", "blanks", "BOM, blanks, CRLF, blank lines", "quotes"],
)
def test_usual_layouts_are_read(separator: str, text: str, write) -> None:
    train = CSV(write(text), "c", features=["a", "b"], separator=separator).load()["train"]
    assert train.x.tolist() == [[1, 2]] and train.y.tolist() == [3]


def test_gzipped_files_are_read_whatever_their_name(write) -> None:
    assert CSV(write(gzip.compress(TEXT.encode())), "c").load()["train"].y.tolist() == [0, 1, 1]


def test_true_and_false_are_one_and_zero(write) -> None:
    train = CSV(write("a,b\nTrue,false\nFalse,true\n"), "b").load()["train"]
    assert train.x.tolist() == [[1], [0]] and train.y.tolist() == [0, 1]


def test_columns_that_are_not_used_may_hold_anything(write) -> None:
    text = 'name,x,note,y,end\nMüller,1,,0,\nO\'Neil,2,"a, b",1,z\n'.encode("latin-1")
    train = CSV(write(text), "y", features=["x"]).load()["train"]
    assert train.x.tolist() == [[1], [2]] and train.y.tolist() == [0, 1]


def test_files_of_many_chunks_are_read_in_order(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "CHUNK_ROWS", 7)
    text = "x,y\n" + "".join(f"{row},{row % 3}\n" for row in range(100))
    train = CSV(write(text), "y").load()["train"]
    assert train.x[:, 0].tolist() == list(range(100)) and train.y.tolist() == [row % 3 for row in range(100)]


def test_the_test_rows_are_those_of_scikit_learn(write) -> None:
    rows = np.arange(103)
    path = write("x,y\n" + "".join(f"{row},{row}\n" for row in rows))
    for seed in (0, 5):
        made = CSV(path, "y", test_fraction=0.2, seed=seed)
        splits = made.load()
        train, test = train_test_split(rows, test_size=0.2, random_state=seed)
        assert made.splits == tuple(splits) == ("train", "test")
        assert splits["train"].y.tolist() == splits["train"].x[:, 0].tolist() == train.tolist()
        assert splits["test"].y.tolist() == splits["test"].x[:, 0].tolist() == test.tolist()


def test_without_a_test_fraction_the_order_is_the_files(write) -> None:
    made = CSV(write(TEXT), "c")
    assert made.splits == tuple(made.load()) == ("train",)


def test_a_split_without_training_rows_is_refused(write) -> None:
    text = refusal(DataError, write(TEXT), target="c", test_fraction=0.9)
    assert text == "t.csv: test_fraction 0.9 of 3 rows leaves none for training"


def test_the_config_of_a_data_set_makes_its_twin(write) -> None:
    made = CSV(write(TEXT), "c", separator="whitespace", test_fraction=0.5)
    assert CSV.from_config(made.get_config()).get_config() == made.get_config()
    assert made.get_config()["separator"] == "whitespace"


def test_the_face_gives_features_and_target_of_all_rows(write) -> None:
    x, y = datasets.csv(Path(write(TEXT)), target=("a",), features=("c", 1), dtype="float64")
    assert x.tolist() == [[0, 2.5], [1, -400], [1, 0.5]] and x.dtype == np.float64
    assert y.tolist() == [[1], [3], [5]]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"path": ""}, "path must be the name of a file. Received: ''"),
        ({"header": 0}, "header must be true or false. Received: 0"),
        ({"target": None}, "target must be a column's name or number, or a list of them. Received: [None]"),
        ({"target": True}, "target must be a column's name or number, or a list of them. Received: [True]"),
        ({"target": []}, "target must be a column's name or number, or a list of them. Received: []"),
        ({"features": "a"}, "features must be a list of names or numbers. Received: 'a'"),
        ({"features": []}, "features must be a list of names or numbers. Received: []"),
        ({"features": ["a", 1.5]}, "features must be a list of names or numbers. Received: ['a', 1.5]"),
        ({"separator": "::"}, "separator must be one character, 'tab' or 'whitespace'. Received: '::'"),
        ({"separator": "e"}, "separator must be one character, 'tab' or 'whitespace'. Received: 'e'"),
        ({"separator": "."}, "separator must be one character, 'tab' or 'whitespace'. Received: '.'"),
        ({"separator": ""}, "separator must be one character, 'tab' or 'whitespace'. Received: ''"),
        ({"separator": None}, "separator must be one character, 'tab' or 'whitespace'. Received: None"),
        ({"test_fraction": 1.0}, "test_fraction must be a number in [0, 1). Received: 1.0"),
        ({"seed": 1.5}, "seed must be an int from 0 to 2**32 - 1. Received: 1.5"),
        ({"dtype": "float16"}, "dtype must be one of 'float32', 'float64'. Received: 'float16'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        CSV(**({"path": "t.csv", "target": "c"} | arguments))
    assert str(caught.value) == text


def test_a_missing_file_names_the_nearest_one(write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(TEXT, "housing.csv")
    folder = Path(path).parent
    monkeypatch.chdir(folder)
    for asked, text in (
        (f"{folder}/housing.cvs", f"no such file: {folder}/housing.cvs. Did you mean {folder}/housing.csv?"),
        ("housin.csv", f"no such file: housin.csv (in {folder}). Did you mean housing.csv?"),
        ("none/x.csv", f"no such file: none/x.csv (in {folder})"),
        (str(folder), f"{folder} is a folder, not a file"),
    ):
        with pytest.raises(MissingFileError) as caught:
            CSV(asked, "c").load()
        assert str(caught.value) == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the file is empty"),
        ("\n \n\n", "the file is empty"),
        ("a,b,c\n", "the file has a header and no rows"),
        (
            "6,148,1\n1,85,0\n",
            "the first line holds numbers only (6, 148, 1), so it is no header. If the file has none: header: false",
        ),
        (
            TEXT.encode("utf-16"),
            "this is not a text file in UTF-8. Save it as CSV (UTF-8), plain or gzipped",
        ),
        (
            gzip.compress(TEXT.encode())[:-9],
            "the gzip file is damaged or cut off: Compressed file ended before the end-of-stream marker was reached",
        ),
    ],
    ids=["empty", "blank", "header only", "no header", "UTF-16", "cut off"],
)
def test_files_without_a_table_are_refused(content: str | bytes, reason: str, write) -> None:
    assert refusal(DataError, write(content), target="c") == f"t.csv: {reason}"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"target": "Target"},
            "target: t.csv has no column 'Target'.\nDid you mean 'target'?\nColumns: x1, x2, target.",
        ),
        ({"target": "?"}, "target: t.csv has no column '?'.\nColumns: x1, x2, target."),
        (
            {"target": 0, "features": ["targets"]},
            "features: t.csv has no column 'targets'.\nDid you mean 'target'?\nColumns: x1, x2, target.",
        ),
        ({"target": 3}, "target: t.csv has no column 3; its 3 columns are numbered 0 to 2"),
        ({"target": -4}, "target: t.csv has no column -4; its 3 columns are numbered 0 to 2"),
        ({"target": ["x1", "x2", "target"]}, "t.csv has no column besides the target"),
    ],
)
def test_columns_that_are_not_there_are_named(arguments: dict, text: str, write) -> None:
    assert refusal(DataError, write("x1,x2,target\n1,2,3\n"), **arguments) == text


def test_names_need_a_header(write) -> None:
    assert refusal(DataError, write(TEXT), target="c", header=False) == (
        "target: t.csv is read without a header (header: false), so columns go by their numbers, 0 to 2. Received: 'c'"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"target": "c", "features": ["a", 0]}, "features names column 'a' twice. Received: ['a', 0]"),
        ({"target": ["c", "c"]}, "target names column 'c' twice. Received: ['c', 'c']"),
        ({"target": "c", "features": ["a", 2]}, "column 'c' of t.csv is both target and feature"),
    ],
)
def test_a_column_has_one_use(arguments: dict, text: str, write) -> None:
    assert refusal(ArgumentError, write(TEXT), **arguments) == text


@pytest.mark.parametrize(
    ("text", "written"), [("a;b\n1;2\n", "';'"), ("a\tb\n1\t2\n", "tab"), ("a b\n1 2\n", "whitespace")]
)
def test_another_separator_is_suggested_where_there_is_a_single_column(text: str, written: str, write) -> None:
    hint = f" (is it separated by something else? Try separator: {written})"
    assert hint in refusal(DataError, write(text), target="b")
    assert hint in refusal(DataError, write(text), target=1)
    assert refusal(DataError, write(text), target=0) == f"t.csv has no column besides the target{hint}"


def test_names_that_two_columns_have_are_refused_if_they_are_needed(write) -> None:
    path = write("a,b,a\n1,2,3\n")
    text = "t.csv: the header gives the name 'a' to the columns 0 and 2"
    assert refusal(DataError, path, target="a") == text
    assert refusal(DataError, path, target="b") == text
    assert refusal(DataError, path, target="b", features=["a"]) == text
    assert CSV(path, "b", features=[0]).load()["train"].x.tolist() == [[1]]


def test_an_index_that_pandas_wrote_is_no_feature_unasked(write) -> None:
    path = write(",a,y\n0,5,1\n1,6,0\n")
    assert refusal(DataError, path, target="y") == (
        "t.csv: column 0 has no name in the header, as when pandas wrote its index along. "
        "Say with `features` which columns to use, or write the file without it (index=False)"
    )
    assert CSV(path, "y", features=["a"]).load()["train"].x.tolist() == [[5], [6]]


def test_every_column_with_faults_is_listed_with_its_first_line_and_their_number(write) -> None:
    text = "id,age,city,far,y\n1,,Rome,1,0\n2,7,Oslo,inf,0\n\n3,NA,Bonn,1e39,1\n4,8, ,-inf,x\n"
    assert refusal(DataError, write(text), target="y") == (
        "t.csv: not all cells can be used:\n"
        "  column 'age': line 2 has no value; 2 such cells\n"
        "  column 'city': line 2 holds the text 'Rome'; 3 such cells\n"
        "  column 'city': line 6 has no value\n"
        "  column 'far': line 3 holds 'inf', which is not finite; 2 such cells\n"
        "  column 'far': line 5 holds '1e39', too large for float32\n"
        "  column 'y': line 6 holds the text 'x'\n"
        "Correct the file, choose columns of numbers with `features` and `target`, or say which columns hold\n"
        "texts (`text`) or may be empty (`missing`), for a pipeline that makes numbers of them.\n"
        "Without a fault: 'id'."
    )


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("", "has no value"),
        (" ", "has no value"),
        ("nan", "has no value ('nan')"),
        ("-nan", "has no value ('-nan')"),
        ("null", "has no value ('null')"),
        ("Infinity", "holds 'Infinity', which is not finite"),
        ("-1e39", "holds '-1e39', too large for float32"),
        ("1_000", "holds the text '1_000'"),
        ('"1,5"', "holds the text '1,5'"),
        ("0x10", "holds the text '0x10'"),
        ("x" * 50, f"holds the text '{'x' * 40}...'"),
    ],
)
@pytest.mark.parametrize("column", ["feature", "target"])
def test_a_single_bad_cell_is_found(cell: str, what: str, column: str, write) -> None:
    target = "a" if column == "target" else "b"
    assert (
        refusal(DataError, write(f"a,b\n1,2\n{cell},4\n"), target=target).splitlines()[1]
        == f"  column 'a': line 3 {what}"
    )


def test_a_number_too_large_for_float32_fits_float64(write) -> None:
    assert CSV(write("a,b\n1e39,1\n"), "b", dtype="float64").load()["train"].x.tolist() == [[1e39]]


def test_bad_cells_in_later_chunks_have_their_own_line(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "CHUNK_ROWS", 10)
    text = "a,b\n" + "".join(f"{'' if row == 57 else row},0\n" for row in range(100))
    assert "  column 'a': line 59 has no value\n" in refusal(DataError, write(text), target="b")


def test_lines_are_counted_as_an_editor_does_with_line_breaks_in_quotes(write) -> None:
    text = 'note,a,y\n"two\nlines",1,0\nplain,,1\n'
    assert "  column 'a': line 4 has no value\n" in refusal(DataError, write(text), target="y", features=["a"])


def test_long_lists_of_faults_are_cut(write) -> None:
    names = ",".join(f"x{column}" for column in range(12))
    lines = refusal(DataError, write(f"{names},y\n{'t,' * 12}1\n"), target="y").splitlines()
    assert lines[10] == "  column 'x9': line 2 holds the text 't'" and lines[11] == "  and 2 more"


def test_a_header_that_was_denied_is_suspected(write) -> None:
    lines = refusal(DataError, write(TEXT), target=2, header=False).splitlines()
    assert lines[1] == "  column 0: line 1 holds the text 'a'"
    assert lines[-1] == "Line 1 looks like a header. If it is one: header: true."
    assert "header" not in refusal(DataError, write("1,2\nx,3\n"), target=0, header=False)
    assert "header" not in refusal(DataError, write("1,x\n2,3\n"), target=0, header=False)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(("bad", "count"), [("7", "1 cell"), ("7,8", "2 cells"), ("7,8,9,10", "4 cells")])
@pytest.mark.parametrize("place", [1, 4, 5, 6, 29])
def test_rows_that_are_too_long_or_too_short_are_found_wherever_they_stand(
    header: bool, bad: str, count: str, place: int, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "CHUNK_ROWS", 5)
    rows = ["1,2,3"] * 30
    rows[place - header] = bad  # with a header also the first row of data
    path = write("\n".join((["a,b,c"] if header else []) + rows))
    text = refusal(DataError, path, target=0, features=[1], header=header)
    assert text == f"t.csv, line {place + 1}: a row of {count}, where line 1 has 3"


def test_the_first_line_says_how_long_rows_are(write) -> None:
    assert refusal(DataError, write("1,2,3\n1,2\n1,2\n"), target=0, header=False) == (
        "t.csv, line 2: a row of 2 cells, where line 1 has 3"
    )
    assert refusal(DataError, write("1,2\n1,2,3\n1,2,3\n"), target=0, header=False) == (
        "t.csv, line 2: a row of 3 cells, where line 1 has 2"
    )


def test_a_quote_that_never_closes_is_refused(write) -> None:
    assert refusal(DataError, write('a,b\n1,2\n"3,4\n5,6\n'), target="b") == (
        "t.csv, line 3: a row of 1 cell, where line 1 has 2"
    )


def test_what_only_pandas_minds_is_told_in_its_words(write) -> None:
    """A column of numbers and truth values mixed: each is good alone."""
    text = refusal(DataError, write("a,b\n1,0\nTrue,1\n"), target="b")
    assert text == "t.csv: could not convert string to float: 'True'"


def test_texts_and_missing_values_that_are_announced_give_a_table(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text("a,b,flag,c\n1,x,true,no\n,y,false,yes\n3,,true,yes\n")
    split = CSV(str(file), "c", text=["b", "c"], missing=["a", "b"]).load()["train"]
    assert {name: str(dtype) for name, dtype in split.x.dtypes.items()} == {
        "a": "float64",
        "b": "object",
        "flag": "int64",
    }
    assert split.x.a.isna().tolist() == [False, True, False]
    assert split.x.b.tolist() == ["x", "y", None]
    assert split.x.flag.tolist() == [1, 0, 1]
    assert (split.y.tolist(), split.y.name) == (["no", "yes", "yes"], "c")


def test_what_is_not_announced_stays_an_error(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text("a,b,c\n1,x,0\n,y,1\nz,,1\n")
    with pytest.raises(DataError) as error:
        CSV(str(file), "c", text=["b"]).load()
    assert str(error.value).startswith(
        f"{file}: not all cells can be used:\n"
        "  column 'a': line 3 has no value\n"
        "  column 'a': line 4 holds the text 'z'\n"
        "  column 'b': line 4 has no value\n"
    )


def test_a_table_is_split_like_arrays(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text("a,c\n" + "".join(f"{i},{i % 2}\n" for i in range(10)))
    arrays, tables = (CSV(str(file), "c", test_fraction=0.3, as_frame=table).load() for table in (False, True))
    for name in ("train", "test"):
        assert tables[name].x.a.tolist() == arrays[name].x[:, 0].tolist()
        assert tables[name].y.tolist() == arrays[name].y.tolist()


@pytest.mark.parametrize("text", [[], ["c"]])
def test_a_target_of_one_class_only_is_an_error(text: list[str | int], tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text("a,c\n1,5\n2,5\n")
    with pytest.raises(DataError) as error:
        CSV(str(file), "c", text=text).load()
    assert str(error.value) == (
        f"{file}: column 'c' holds 5 in all 2 rows, one class only; a target needs two values or more"
    )


def test_texts_in_another_encoding_are_an_error(write) -> None:
    with pytest.raises(DataError) as error:
        CSV(write("town,y\nOslo,1\nMünchen,0\nZürich,0\n".encode("latin-1")), "y", text=["town"]).load()
    assert (
        "column 'town': line 3 holds 'M\ufffdnchen', which is not UTF-8: save the file in this encoding; 2 such"
        in str(error.value)
    )
    with pytest.raises(DataError, match=r"line 1: the name of column 'gr\ufffde' is not UTF-8; save the file in it$"):
        CSV(write("grüe,y\n1,1\n2,0\n".encode("latin-1")), "y", as_frame=True).load()
