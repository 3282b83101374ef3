"""What MLflow holds after a journal was sent: the same code sends it live, and from the start by `replay`."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import TEMPORARILY_UNAVAILABLE
from mlflow.tracking import MlflowClient

from kexp.errors import ArgumentError
from kexp.tracking import sender
from kexp.tracking.journal import JournalReader, exclusive
from kexp.tracking.limits import PARAM_MARK, TAG_MARK
from kexp.tracking.mlflow_tracker import MlflowTracker
from kexp.tracking.patience import Patience
from kexp.tracking.writer import replay

Record = Callable[..., Path]


def client_of(folder: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{folder}/mlflow.db")


def sent(journal: Path, folder: Path) -> Run:
    report = replay(journal)
    assert report.ok, report.error
    return client_of(folder).get_run(report.run_id)


def history(folder: Path, run: Run, name: str) -> list[tuple[int, float]]:
    return [(m.step, m.value) for m in client_of(folder).get_metric_history(run.info.run_id, name)]


def test_replay_sends_params_metrics_tags_and_artifacts(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        for epoch in range(3):
            tracker.log_metrics({"loss": 1 / (epoch + 1), "train/accuracy": 0.5}, epoch)
        tracker.log_tags({"stopped": "early"})
        (folder / "run" / "config.yaml").write_text("seed: 7\n")
        (folder / "run" / "plots").mkdir()
        (folder / "run" / "plots" / "loss.png").write_bytes(b"png")
        tracker.log_artifact(folder / "run" / "config.yaml")
        tracker.log_artifact(folder / "run" / "plots")
        tracker.log_artifact(folder / "run" / "config.yaml", "a/b")
        tracker.finish("FINISHED")

    tags = {"mlflow.parentRunId": "0123456789abcdef", "commit": "c0ffee"}
    run = sent(record(script, tags=tags, params={"seed": 7, "fit.epochs": None, "lr": 0.1}), folder)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "first")
    assert run.data.params == {"seed": "7", "fit.epochs": "None", "lr": "0.1"}
    assert history(folder, run, "loss") == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    assert history(folder, run, "train/accuracy") == [(0, 0.5), (1, 0.5), (2, 0.5)]
    assert run.data.tags.items() >= {**tags, "stopped": "early", "kexp.run_dir": str(folder / "run")}.items()
    names = [f.path for place in ("", "plots", "a/b") for f in client_of(folder).list_artifacts(run.info.run_id, place)]
    assert names == ["a", "config.yaml", "plots", "plots/loss.png", "a/b/config.yaml"]
    assert run.info.artifact_uri.startswith(f"{folder}/mlruns/")


def test_times_of_a_run_are_those_of_its_journal(record: Record, folder: Path) -> None:
    journal = record()
    run = sent(journal, folder)
    events = list(JournalReader(journal).read_new())
    assert (run.info.start_time, run.info.end_time) == (events[0].t, events[-1].t)


def test_failed_run_has_its_traceback_as_error_txt(record: Record, folder: Path) -> None:
    error = "Traceback (most recent call last):\n  ...\nShapeError: expected (2,), got (3,)\n"
    run = sent(record(lambda tracker: tracker.finish("FAILED", error)), folder)
    assert run.info.status == "FAILED"
    assert run.data.tags["kexp.end_reason"] == "ShapeError: expected (2,), got (3,)"
    assert Path(run.info.artifact_uri, "error.txt").read_text() == error


def test_interrupted_run_is_killed_for_the_given_reason(record: Record, folder: Path) -> None:
    run = sent(record(lambda tracker: tracker.finish("KILLED", "Ctrl-C")), folder)
    assert (run.info.status, run.data.tags["kexp.end_reason"]) == ("KILLED", "Ctrl-C")


def test_journal_without_an_end_becomes_a_killed_run(record: Record, folder: Path) -> None:
    run = sent(record(lambda tracker: tracker.log_metrics({"loss": 1.0}, 0)), folder)
    assert run.info.status == "KILLED"
    assert run.data.tags["kexp.end_reason"] == "the process ended without a word (killed?)"
    assert history(folder, run, "loss") == [(0, 1.0)]


def test_partial_last_line_is_left_out(record: Record, folder: Path) -> None:
    journal = record(lambda tracker: tracker.log_metrics({"loss": 1.0}, 0))
    with journal.open("ab") as file:
        file.write(b'{"n": 2, "op": "metrics", "t": 1, "step": 1, "metr')
    assert history(folder, sent(journal, folder), "loss") == [(0, 1.0)]


def test_batches_of_any_size_arrive_whole(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        for step in range(1250):
            tracker.log_metrics({"a": step, "b": -step}, step)
        tracker.log_tags({f"tag {i}": str(i) for i in range(130)})
        tracker.finish("FINISHED")

    run = sent(record(script, params={f"p{i}": "x" * 6000 for i in range(230)}), folder)
    assert history(folder, run, "a") == [(step, step) for step in range(1250)]
    assert history(folder, run, "b") == [(step, -step) for step in range(1250)]
    assert len(run.data.params) == 230
    assert sum(name.startswith("tag ") for name in run.data.tags) == 130


def test_nan_and_infinity_are_counted_and_named_but_not_stored(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        tracker.log_metrics({"loss": 1.0, "accuracy": 0.5}, 0)
        tracker.log_metrics({"loss": math.nan, "accuracy": 0.5}, 1)
        tracker.log_metrics({"loss": -math.inf, "accuracy": math.inf}, 2)
        tracker.finish("FINISHED")

    run = sent(record(script), folder)
    assert history(folder, run, "loss") == [(0, 1.0)]
    assert history(folder, run, "accuracy") == [(0, 0.5), (1, 0.5)]
    assert history(folder, run, "nan_count") == [(1, 1.0), (2, 3.0)]
    assert run.data.tags["kexp.nonfinite"] == "loss (nan from step 1), accuracy (inf from step 2)"


def test_long_values_are_cut_with_a_mark(record: Record, folder: Path) -> None:
    run = sent(record(tags={"note": "x" * 9000}, params={"layers": "y" * 9000}, run_name="z" * 9000), folder)
    assert run.data.params["layers"] == "y" * (6000 - len(PARAM_MARK)) + PARAM_MARK
    assert run.data.tags["note"] == "x" * (5000 - len(TAG_MARK)) + TAG_MARK
    assert run.info.run_name == "z" * 249 + "…"


def test_odd_names_and_values_are_made_to_fit(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        tracker.log_metrics({"f1(macro)": 1.0, "f1[macro]": 2.0, "../x": 3.0, "": 4.0}, 0)
        tracker.finish("FINISHED")

    params = {"a:b": "\0", "a=b": "\udcff", "x" * 300: 1}
    run = sent(record(script, params=params, tags={"a//b": "ä", "mlflow.runName": "other"}), folder)
    assert sorted(run.data.metrics.values()) == [1.0, 2.0, 3.0, 4.0]
    assert {"f1_macro_", "__/x", "_"} <= set(run.data.metrics)
    assert run.data.params["a_b"] == "\N{REPLACEMENT CHARACTER}"
    assert len(run.data.params) == 3
    assert (run.data.tags["a/b"], run.info.run_name) == ("ä", "first")


def test_replay_again_changes_nothing(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        tracker.log_metrics({"loss": 1.0}, 0)
        tracker.finish("FAILED", "boom")

    journal = record(script, params={"seed": 7})
    first, second = sent(journal, folder), sent(journal, folder)
    assert second.info.run_id == first.info.run_id
    assert (second.info.status, second.data.to_dictionary()) == ("FAILED", first.data.to_dictionary())
    assert history(folder, second, "loss") == [(0, 1.0)]


def test_resumed_run_goes_on_in_the_same_mlflow_run(record: Record, folder: Path) -> None:
    def killed(tracker: MlflowTracker) -> None:
        for epoch in range(4):
            tracker.log_metrics({"loss": 1.0 / (epoch + 1)}, epoch)

    def resumed(tracker: MlflowTracker) -> None:
        for epoch in range(2, 6):
            tracker.log_metrics({"loss": 1.0 / (epoch + 1)}, epoch)
        tracker.finish("FINISHED")

    first = sent(record(killed, params={"seed": 7, "epochs": 4}), folder)
    second = sent(record(resumed, params={"seed": 7, "epochs": 6, "new": 1}), folder)
    assert second.info.run_id == first.info.run_id
    assert (first.info.status, second.info.status) == ("KILLED", "FINISHED")
    assert history(folder, second, "loss") == [(epoch, 1.0 / (epoch + 1)) for epoch in range(6)]
    assert second.data.params == {"seed": "7", "epochs": "4", "new": "1"}
    assert second.data.tags["drift.epochs"] == "6"
    assert "kexp.end_reason" not in second.data.tags


def test_moved_run_folder_still_finds_its_artifacts(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        (folder / "run" / "model.h5").write_bytes(b"weights")
        tracker.log_artifact(folder / "run" / "model.h5")
        tracker.finish("FINISHED")

    record(script)
    (folder / "run").rename(folder / "moved")
    run = sent(folder / "moved" / "tracking.jsonl", folder)
    assert Path(run.info.artifact_uri, "model.h5").read_bytes() == b"weights"


def test_missing_artifact_is_told_and_the_rest_is_sent(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        tracker.log_artifact(folder / "run" / "gone.png")
        tracker.log_metrics({"loss": 1.0}, 0)
        tracker.finish("FINISHED")

    report = replay(record(script))
    assert report.ok
    assert report.refused == (f"artifact gone.png: {folder}/run/gone.png is not there or cannot be read",)


def test_value_that_mlflow_refuses_does_not_keep_back_the_others(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_batch = MlflowClient.log_batch

    def picky(client: MlflowClient, run_id: str, **batch: object) -> object:
        if any(param.key == "bad" for param in batch["params"]):  # type: ignore[attr-defined]
            raise MlflowException.invalid_parameter_value("bad is not taken")
        return log_batch(client, run_id, **batch)  # type: ignore[arg-type]

    monkeypatch.setattr(MlflowClient, "log_batch", picky)
    report = replay(record(params={"a": 1, "bad": 2, "c": 3}))
    assert (report.ok, report.refused) == (True, ("param bad: bad is not taken",))
    assert client_of(folder).get_run(report.run_id).data.params == {"a": "1", "c": "3"}


def test_deleted_experiment_is_named(record: Record, folder: Path) -> None:
    client = client_of(folder)
    client.delete_experiment(client.create_experiment("xor"))
    report = replay(record())
    assert not report.ok
    assert report.error == (
        "the experiment 'xor' was deleted in MLflow. Restore it (mlflow experiments restore) or choose another name"
    )


def test_experiment_that_the_ui_made_gets_its_artifacts_where_the_ui_looks(record: Record, folder: Path) -> None:
    def script(tracker: MlflowTracker) -> None:
        (folder / "run" / "plot.png").write_bytes(b"png")
        tracker.log_artifact(folder / "run" / "plot.png", "plots")
        tracker.log_artifact(folder / "run" / "plot.png")
        tracker.finish("FINISHED")

    client_of(folder).create_experiment("xor", artifact_location="mlflow-artifacts:/7")
    run = sent(record(script), folder)
    artifacts = folder / "mlartifacts" / "7" / run.info.run_id / "artifacts"
    assert (artifacts / "plots" / "plot.png").read_bytes() == (artifacts / "plot.png").read_bytes() == b"png"


def test_artifacts_that_cannot_be_stored_just_now_do_not_hold_up_metrics(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(tracker: MlflowTracker) -> None:
        tracker.log_artifact(folder / "mlflow.db")
        tracker.log_metrics({"loss": 1.0}, 0)
        tracker.finish("FINISHED")

    log_artifact, calls = MlflowClient.log_artifact, []

    def away_at_first(client: MlflowClient, *args: object) -> None:
        calls.append(args)
        if len(calls) == 1:
            raise ConnectionError("the artifact store is away")
        log_artifact(client, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(MlflowClient, "log_artifact", away_at_first)
    run = sent(record(script), folder)
    assert history(folder, run, "loss") == [(0, 1.0)]
    assert Path(run.info.artifact_uri, "mlflow.db").exists()


def test_locked_store_is_tried_again(record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, calls = sender.connect, []

    def locked_twice(uri: str) -> MlflowClient:
        calls.append(uri)
        if len(calls) < 3:
            raise MlflowException("(sqlite3.OperationalError) database is locked", TEMPORARILY_UNAVAILABLE)
        return connect(uri)

    monkeypatch.setattr(sender, "connect", locked_twice)
    assert sent(record(), folder).info.status == "FINISHED"


def test_patience_has_no_end_while_the_run_goes_on_and_few_tries_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kexp.tracking.patience.time.sleep", lambda seconds: None)
    calls, waits = [], []

    def away() -> None:
        calls.append(1)
        raise ConnectionError("away")

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(calls) > 20

    with pytest.raises(ConnectionError):
        Patience(wait).call(away)
    assert len(calls) == 24
    assert [seconds for seconds in waits if seconds][:9] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]


def test_replay_refuses_a_journal_that_is_being_sent(record: Record) -> None:
    journal = record()
    with exclusive(journal), pytest.raises(ArgumentError, match=r"tracking.jsonl is being sent by another process"):
        replay(journal)


def test_replay_needs_the_password_that_a_journal_does_not_hold(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@host")
    journal = record()
    assert "secret" not in journal.read_text()
    with pytest.raises(ArgumentError, match=r"does not say to which store it goes .http://me:...@host.. Give its URI."):
        replay(journal)
    assert replay(journal, f"sqlite:///{folder}/mlflow.db").ok


def test_replay_of_a_journal_without_a_start_is_an_error(folder: Path) -> None:
    (folder / "tracking.jsonl").write_text("garbage\n")
    report = replay(folder / "tracking.jsonl", f"sqlite:///{folder}/mlflow.db")
    assert report.error == f"the journal in {folder} does not hold the start of a run"
