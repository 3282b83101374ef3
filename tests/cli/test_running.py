"""`python -m kexp +experiment=...`: what is handed to the run, and what becomes of errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kexp.errors import ConfigError, DataError, Problem

Cli = Callable[..., tuple[int, str, str]]


def test_a_run_gets_the_normal_config_its_folder_and_its_command(cli: Cli, runs: Any, tmp_path: Path) -> None:
    assert cli("+experiment=mine", "fit.epochs=3", "+model.layers.dropout={rate: 0.2, before: output}") == (0, "", "")
    (run,) = runs
    assert run["config"]["name"] == "mine"
    assert run["config"]["fit"]["epochs"] == 3
    assert list(run["config"]["model"]["layers"]) == ["hidden_1", "dropout", "output"]
    assert run["run_dir"].parent.parent == tmp_path / "runs" and run["run_dir"].is_dir()
    overrides = "+experiment=mine fit.epochs=3 +model.layers.dropout={rate: 0.2, before: output}"
    assert run["tags"] == {
        "kexp.overrides": overrides,
        "kexp.command": "python -m kexp +experiment=mine fit.epochs=3 '+model.layers.dropout={rate: 0.2, before: output}'",
    }


def test_two_runs_have_folders_of_their_own_and_leave_the_working_directory_alone(
    cli: Cli, runs: Any, tmp_path: Path
) -> None:
    cli("+experiment=mine")
    cli("+experiment=mine")
    assert runs[0]["run_dir"] != runs[1]["run_dir"]
    assert Path.cwd() == tmp_path
    assert [path.name for path in runs[0]["run_dir"].iterdir()] == []


def test_a_run_leaves_the_logging_of_its_process_alone(cli: Cli, runs: Any) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    cli("+experiment=mine")
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)


def test_a_config_error_stops_before_the_run_with_exit_code_2(cli: Cli, runs: Any) -> None:
    assert cli("+experiment=mine", "fit.epochs=ten", "seed=-1") == (
        2,
        "",
        "error: 2 mistakes in the config:\n"
        "  command line: seed=-1: seed: seed must not be negative. Received: -1\n"
        "  command line: fit.epochs=ten: fit.epochs: expected int, got 'ten'\n",
    )
    assert runs == []
    assert not Path("runs").exists()


def test_an_error_of_the_run_is_told_without_traceback_with_exit_code_1(cli: Cli, runs: Any) -> None:
    runs.fail = {1: DataError("row 3 has no column 'y'")}
    assert cli("+experiment=mine") == (1, "", "error: row 3 has no column 'y'\n")


def test_an_error_of_a_plugin_s_code_is_told_with_its_kind_and_where_the_traceback_is(cli: Cli, runs: Any) -> None:
    runs.fail = {1: ZeroDivisionError("division by zero")}
    code, _, text = cli("+experiment=mine")
    assert (code, text) == (1, "error: ZeroDivisionError: division by zero\nKEXP_DEBUG=1 prints it.\n")


@pytest.mark.parametrize("variable", ["KEXP_DEBUG", "HYDRA_FULL_ERROR"])
def test_debugging_raises_the_error_itself(variable: str, cli: Cli, runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    runs.fail = {1: DataError("row 3")}
    with pytest.raises(DataError, match="row 3"):
        cli("+experiment=mine")


def test_an_interrupt_ends_with_130_and_a_signal_with_its_own_number(cli: Cli, runs: Any) -> None:
    runs.fail = {1: KeyboardInterrupt(), 2: KeyboardInterrupt("SIGTERM"), 3: KeyboardInterrupt("SIGHUP")}
    assert cli("+experiment=mine") == (130, "", "interrupted\n")
    assert cli("+experiment=mine") == (143, "", "ended by SIGTERM\n")
    assert cli("+experiment=mine") == (129, "", "ended by SIGHUP\n")


def test_a_multirun_runs_each_job_with_its_number_and_the_command_of_that_job_alone(
    cli: Cli, runs: Any, tmp_path: Path
) -> None:
    assert cli("-m", "+experiment=mine", "optimizer.learning_rate=0.1,0.01", "seed=3") == (0, "", "")
    assert [run["config"]["optimizer"]["learning_rate"] for run in runs] == [0.1, 0.01]
    assert [run["tags"]["kexp.job"] for run in runs] == ["0", "1"]
    assert runs[1]["tags"]["kexp.command"] == "python -m kexp +experiment=mine optimizer.learning_rate=0.01 seed=3"
    (sweep,) = {run["tags"]["kexp.sweep"] for run in runs}
    assert [run["run_dir"] for run in runs] == [Path(sweep) / "0", Path(sweep) / "1"]
    assert Path(sweep).parent.parent == tmp_path / "runs"


def test_a_job_of_a_multirun_is_the_same_config_as_its_command_alone(cli: Cli, runs: Any) -> None:
    cli("-m", "+experiment=mine", "optimizer=sgd,adam", "~model.layers.hidden_1")
    cli("+experiment=mine", "optimizer=adam", "~model.layers.hidden_1")
    assert runs[1]["config"] == runs[2]["config"]


def test_a_bad_job_stops_a_multirun_before_the_first_one(cli: Cli, runs: Any) -> None:
    code, _, text = cli("-m", "+experiment=mine", "fit.epochs=1,two")
    assert (code, runs) == (2, [])
    assert text == (
        "error: 1 mistake in the config:\n  command line: fit.epochs=two: fit.epochs: expected int, got 'two'\n"
    )


def test_a_failing_job_is_told_at_once_and_the_others_still_run(cli: Cli, runs: Any) -> None:
    runs.fail = {2: DataError("row 3")}
    code, _, text = cli("-m", "+experiment=mine", "seed=1,2,3")
    assert (code, len(runs)) == (1, 3)
    assert text.splitlines()[0] == "error: job 1 (+experiment=mine seed=2): row 3"
    assert text.count("row 3") == 1


def test_a_config_error_in_a_job_of_a_multirun_has_exit_code_2(cli: Cli, runs: Any) -> None:
    runs.fail = {1: ConfigError([Problem("a", "b")])}
    assert cli("-m", "+experiment=mine", "seed=1,2")[0] == 2


def test_the_mode_can_be_set_as_hydra_s_own_setting(cli: Cli, runs: Any) -> None:
    assert cli("+experiment=mine", "hydra.mode=MULTIRUN", "seed=1,2")[0] == 0
    assert len(runs) == 2


def test_a_run_folder_of_one_s_own_is_used(cli: Cli, runs: Any, tmp_path: Path) -> None:
    cli("+experiment=mine", "hydra.run.dir=here")
    assert runs[0]["run_dir"] == tmp_path / "here"


def test_hydra_s_output_folder_can_stand_in_a_config(cli: Cli, runs: Any) -> None:
    path = "${hydra:runtime.output_dir}/log.csv"
    assert cli("+experiment=mine", f"+callbacks.csv_logger.filename='{path}'")[0] == 0
    assert runs[0]["config"]["callbacks"]["csv_logger"]["filename"] == f"{runs[0]['run_dir']}/log.csv"


def test_a_config_folder_besides_is_part_of_the_command(cli: Cli, runs: Any, tmp_path: Path) -> None:
    folder = tmp_path / "more" / "experiment"
    folder.mkdir(parents=True)
    (folder / "theirs.yaml").write_text("# @package _global_\ndefaults: [mine, _self_]\nseed: 99\n")
    assert cli("--config-dir", "more", "+experiment=theirs") == (0, "", "")
    assert runs[0]["config"]["seed"] == 99
    assert runs[0]["tags"]["kexp.command"] == f"python -m kexp --config-dir={tmp_path}/more +experiment=theirs"


def test_problems_of_plugins_are_noted_and_stop_nothing(cli: Cli, runs: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1/0")
    assert cli("+experiment=mine", "plugins=[broken.py]") == (
        0,
        "",
        "note: plugin broken: ZeroDivisionError: division by zero\n",
    )
    assert len(runs) == 1


def test_a_primary_config_of_the_user_s_is_noted_as_not_read(cli: Cli, runs: Any, tmp_path: Path) -> None:
    (tmp_path / "conf" / "config.yaml").write_text("seed: 3\n")
    assert cli("+experiment=mine") == (
        0,
        "",
        "note: conf/config.yaml is not read, the primary config is kexp's own. "
        "Put your settings into conf/experiment/NAME.yaml and run +experiment=NAME\n",
    )


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["--epochs", "3"], "no option --epochs. Settings are written without dashes: epochs=VALUE"),
        (["--fit.epochs=3"], "no option --fit.epochs. Settings are written without dashes: fit.epochs=3"),
        (["+a=1", "fit.epochs", "=", "3"], "write a setting without spaces around '=': fit.epochs=3"),
        (["+a=1", "fit.epochs=", "3"], "write a setting without spaces around '=': fit.epochs=3"),
        (["+a=1", "fit.epochs", "=3"], "write a setting without spaces around '=': fit.epochs=3"),
        (["+a=1", "fit.epochs"], "'fit.epochs' is no setting; a setting has the form key=value"),
        (["--config-dir", "nowhere"], "--config-dir: no such folder: {here}/nowhere"),
        (
            ["--config-name", "x"],
            "--config-name: the primary config is kexp's own. Choose yours with +experiment=NAME",
        ),
        (
            ["--config-path", "x"],
            "--config-path: the primary config is kexp's own. Add a folder with --config-dir DIR, or use ./conf",
        ),
        (["--resolve"], "--resolve goes with --cfg"),
        (["--cfg", "jb"], "argument --cfg/-c: invalid choice: 'jb' (choose from 'job', 'hydra', 'all')"),
    ],
)
def test_a_command_line_that_cannot_be_understood_has_exit_code_2(
    arguments: list[str], text: str, cli: Cli, runs: Any, tmp_path: Path
) -> None:
    assert cli(*arguments) == (2, "", f"error: {text.format(here=tmp_path)}\n")


def test_the_composed_config_can_be_printed_and_lacks_what_another_type_replaced(cli: Cli, runs: Any) -> None:
    code, text, _ = cli("+experiment=mine", "optimizer.type=sgd", "--cfg", "job", "--package", "optimizer")
    assert (code, text, runs) == (0, "# @package optimizer\ntype: sgd\n", [])


def test_a_wrong_config_can_be_printed_as_long_as_it_composes(cli: Cli, runs: Any) -> None:
    code, text, _ = cli("+experiment=mine", "fit.epochs=ten", "--cfg", "job")
    assert code == 0 and "  epochs: ten\n" in text
    code, _, text = cli("+experiment=mine", "fit.epoch=ten", "--cfg", "job")
    assert code == 2 and text.startswith(
        "error: 1 mistake in the config:\n  command line: fit.epoch=ten: fit.epoch: no such key"
    )


def test_hydra_s_own_views_work(cli: Cli, runs: Any) -> None:
    code, text, _ = cli("+experiment=mine", "--info", "defaults")
    assert code == 0 and "experiment/mine" in text
    code, text, _ = cli("+experiment=mine", "--hydra-help")
    assert code == 0 and "Hydra" in text
