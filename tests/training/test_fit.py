"""The loop: what an epoch's loss is, shuffling, weights of samples, validation, callbacks, frozen layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kexp
from kexp.callbacks import Callback
from kexp.errors import ArgumentError, DataError, StateError
from kexp.layers import LSTM, Dense, Dropout, Input
from kexp.models import Model, Sequential
from kexp.optimizers import SGD


def small(loss: Any = "mse", **compiling: Any) -> Sequential:
    model = Sequential([Dense(4, activation="tanh", input_shape=(3,)), Dense(1)], seed=1)
    model.compile(optimizer=compiling.pop("optimizer", "sgd"), loss=loss, **compiling)
    return model


def data(n: int = 10, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 3)).astype("float32"), rng.standard_normal((n, 1)).astype("float32")


def test_the_epoch_loss_is_the_mean_over_samples_of_the_batch_losses() -> None:
    x, y = data(10)
    model = small(optimizer=SGD(0.0))  # the weights stay, so every batch sees the same model
    history = model.fit(x, y, batch_size=4, epochs=1, verbose=0)
    expected = float(((model.predict(x) - y) ** 2).mean())
    assert history.history["loss"][0] == pytest.approx(expected, rel=1e-6)


def test_a_step_moves_the_weights_along_the_gradient_of_the_mean_loss() -> None:
    model = Sequential([Dense(1, use_bias=False, kernel_initializer="ones", input_shape=(2,))], seed=0)
    model.compile(optimizer=SGD(0.1), loss="mse")
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0], [1.0]])
    model.fit(x, y, batch_size=2, epochs=1, verbose=0)
    gradient = x.T @ (2 * (x @ np.ones((2, 1)) - y) / 2)
    np.testing.assert_allclose(model.get_weights()[0], 1 - 0.1 * gradient, rtol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 3, 10, 64])
def test_every_sample_is_seen_once_an_epoch_whatever_the_batch_size(batch_size: int) -> None:
    seen: list[float] = []

    class Spy(Dense):
        def forward(self, *inputs: Any, ctx: Any) -> Any:
            if ctx.training:
                seen.extend(inputs[0][:, 0].tolist())
            return super().forward(*inputs, ctx=ctx)

    model = Sequential([Spy(1, input_shape=(1,))], seed=0)
    model.compile(optimizer="sgd", loss="mse")
    x = np.arange(10.0)[:, None]
    model.fit(x, x, batch_size=batch_size, epochs=2, verbose=0)
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]  # shuffled anew


def test_without_shuffling_rows_keep_their_order() -> None:
    rows: list[float] = []

    class Spy(Dense):
        def forward(self, *inputs: Any, ctx: Any) -> Any:
            rows.extend(inputs[0][:, 0].tolist())
            return super().forward(*inputs, ctx=ctx)

    model = Sequential([Spy(1, input_shape=(1,))], seed=0)
    model.compile(optimizer="sgd", loss="mse")
    model.fit(np.arange(7.0)[:, None], np.zeros(7), batch_size=2, epochs=1, shuffle=False, verbose=0)
    assert rows == list(range(7))


def test_batches_shuffled_as_wholes_stay_together() -> None:
    rows: list[list[float]] = []

    class Spy(Dense):
        def forward(self, *inputs: Any, ctx: Any) -> Any:
            rows.append(inputs[0][:, 0].tolist())
            return super().forward(*inputs, ctx=ctx)

    model = Sequential([Spy(1, input_shape=(1,))], seed=3)
    model.compile(optimizer="sgd", loss="mse")
    model.fit(np.arange(8.0)[:, None], np.zeros(8), batch_size=2, epochs=1, shuffle="batch", verbose=0)
    assert sorted(map(tuple, rows)) == [(0, 1), (2, 3), (4, 5), (6, 7)]
    assert rows != sorted(rows)


def test_the_same_seed_gives_the_same_weights_to_the_byte() -> None:
    def trained() -> list[np.ndarray]:
        model = Sequential([Dense(5, activation="relu", input_shape=(3,)), Dropout(0.5), Dense(1)], seed=11)
        model.compile(optimizer="adam", loss="mse")
        model.fit(*data(), batch_size=3, epochs=3, verbose=0)
        return model.get_weights()

    assert all(np.array_equal(a, b) for a, b in zip(trained(), trained(), strict=True))


def test_adding_a_dropout_layer_changes_no_other_layers_weights() -> None:
    plain = Sequential([Dense(5, input_shape=(3,), name="a"), Dense(2, name="b")], seed=4)
    mixed = Sequential([Dense(5, input_shape=(3,), name="a"), Dropout(0.5), Dense(2, name="b")], seed=4)
    assert all(np.array_equal(a, b) for a, b in zip(plain.get_weights(), mixed.get_weights(), strict=True))


def test_watching_each_batch_changes_no_weights() -> None:
    class Watch(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            assert logs and logs["loss"] >= 0

    x, y = data(50)
    plain, watched = small(), small()
    first = plain.fit(x, y, batch_size=4, epochs=2, verbose=0)
    second = watched.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[Watch()])
    assert all(np.array_equal(a, b) for a, b in zip(plain.get_weights(), watched.get_weights(), strict=True))
    np.testing.assert_allclose(first.history["loss"], second.history["loss"], rtol=1e-6)


def test_callbacks_are_called_in_keras_order() -> None:
    calls: list[str] = []

    class Log(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            calls.append("train_begin")

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            calls.append(f"epoch_begin {epoch}")

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            calls.append(f"batch_begin {batch}")

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            calls.append(f"batch_end {batch}")

        def on_test_begin(self, logs: Any = None) -> None:
            calls.append("test_begin")

        def on_test_end(self, logs: Any = None) -> None:
            calls.append("test_end")

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            calls.append(f"epoch_end {epoch} {','.join(logs)}")

        def on_train_end(self, logs: Any = None) -> None:
            calls.append("train_end")

    small().fit(*data(4), batch_size=2, epochs=1, validation_data=data(2), verbose=0, callbacks=[Log()])
    assert calls == [
        "train_begin", "epoch_begin 0", "batch_begin 0", "batch_end 0", "batch_begin 1", "batch_end 1",
        "test_begin", "test_end", "epoch_end 0 loss,val_loss", "train_end",
    ]  # fmt: skip


def test_an_error_in_training_reaches_the_callbacks() -> None:
    caught: list[BaseException] = []

    class Break(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise RuntimeError("broken")

        def on_train_error(self, error: BaseException) -> None:
            caught.append(error)

    with pytest.raises(RuntimeError, match="broken"):
        small().fit(*data(), verbose=0, callbacks=[Break()])
    assert [str(error) for error in caught] == ["broken"]


def test_a_misspelt_hook_of_a_callback_is_an_error() -> None:
    class Typo(Callback):
        def on_epoch_ends(self, epoch: int, logs: Any = None) -> None:
            raise AssertionError

    with pytest.raises(ArgumentError) as caught:
        small().fit(*data(), verbose=0, callbacks=[Typo()])
    assert str(caught.value) == (
        "callback Typo defines 'on_epoch_ends', which is never called. Did you mean 'on_epoch_end'?"
    )


def test_a_callback_class_without_parentheses_is_told_so() -> None:
    with pytest.raises(ArgumentError, match=r"Have you forgotten the \(\)\?"):
        small().fit(*data(), verbose=0, callbacks=[Callback])  # type: ignore[list-item]


def test_stop_training_ends_after_the_epoch() -> None:
    class Stop(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 1

    assert small().fit(*data(), epochs=9, verbose=0, callbacks=[Stop()]).epoch == [0, 1]


def test_validation_split_takes_the_last_rows_before_shuffling() -> None:
    x, y = data(10)
    model = small(optimizer=SGD(0.0))
    history = model.fit(x, y, validation_split=0.25, epochs=1, verbose=0)
    at = int(10 * 0.75)
    error = (model.predict(x) - y) ** 2
    assert history.history["loss"][0] == pytest.approx(float(error[:at].mean()), rel=1e-6)
    assert history.history["val_loss"][0] == pytest.approx(float(error[at:].mean()), rel=1e-6)


def test_validation_split_that_leaves_a_side_empty_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"validation_split=0.99 of 3 samples leaves one side empty"):
        small().fit(*data(3), validation_split=0.99, verbose=0)


def test_evaluate_gives_exactly_the_last_validation_values() -> None:
    model = small(metrics=["mae"])
    history = model.fit(*data(30), batch_size=7, epochs=3, validation_data=data(13, 1), verbose=0)
    found = model.evaluate(*data(13, 1), batch_size=7, return_dict=True)
    assert found == {name[4:]: values[-1] for name, values in history.history.items() if name.startswith("val_")}


def test_sample_weights_multiply_the_loss_and_divide_by_n() -> None:
    x, y = data(6)
    weight = np.array([1.0, 2, 0, 0, 3, 1])
    model = small(optimizer=SGD(0.0), metrics=["mse"], weighted_metrics=["mae"])
    history = model.fit(x, y, batch_size=4, sample_weight=weight, verbose=0).history
    error = (model.predict(x) - y)[:, 0]
    assert history["loss"][0] == pytest.approx(float((weight * error**2).sum() / 6), rel=1e-5)
    assert history["mse"][0] == pytest.approx(float((error**2).mean()), rel=1e-5)
    assert history["mae"][0] == pytest.approx(float((weight * abs(error)).sum() / weight.sum()), rel=1e-5)


@pytest.mark.parametrize("one_hot", [False, True])
def test_class_weights_become_weights_of_samples(one_hot: bool) -> None:
    x, labels = data(12)[0], np.arange(12) % 3
    y = np.eye(3)[labels] if one_hot else labels
    loss = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
    results = []
    for weights in ({"class_weight": {0: 1.0, 1: 5.0, 2: 0.5}}, {"sample_weight": np.array([1.0, 5.0, 0.5])[labels]}):
        model = Sequential([Dense(3, activation="softmax", input_shape=(3,))], seed=2)
        model.compile(optimizer="sgd", loss=loss)
        model.fit(x, y, epochs=2, verbose=0, **weights)
        results.append(model.get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*results, strict=True))


def test_a_frozen_layer_keeps_its_weights_and_may_be_released() -> None:
    model = small(optimizer="adam")
    x, y = data()
    first = model.layers[0]
    first.trainable = False
    before = model.get_weights()
    model.fit(x, y, epochs=2, verbose=0)
    after = model.get_weights()
    assert np.array_equal(before[0], after[0])
    assert np.array_equal(before[1], after[1])
    assert not np.array_equal(before[2], after[2])
    first.trainable = True
    model.fit(x, y, epochs=1, verbose=0)
    assert not np.array_equal(after[0], model.get_weights()[0])


def test_freezing_between_steps_takes_effect_at_the_next_one() -> None:
    class Freeze(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 0:
                self.model.layers[0].trainable = False
                self.kept = self.model.get_weights()

    model, freeze = small(), Freeze()
    model.fit(*data(8), batch_size=2, verbose=0, callbacks=[freeze])
    assert np.array_equal(freeze.kept[0], model.get_weights()[0])
    assert not np.array_equal(freeze.kept[2], model.get_weights()[2])


def test_regularization_is_part_of_loss_and_val_loss_and_of_the_gradient() -> None:
    model = Sequential([Dense(1, use_bias=False, kernel_initializer="ones", kernel_regularizer="l2", input_shape=(2,))])
    model.compile(optimizer=SGD(0.5), loss="mse")
    zeros = np.zeros((4, 2)), np.zeros((4, 1))
    history = model.fit(*zeros, batch_size=4, validation_data=zeros, verbose=0).history
    kernel = 1 - 0.5 * 2 * 0.01
    np.testing.assert_allclose(model.get_weights()[0], kernel, rtol=1e-6)
    assert history["loss"][0] == pytest.approx(0.01 * 2)
    assert history["val_loss"][0] == pytest.approx(0.01 * 2 * kernel**2)


def test_constraints_hold_after_every_step() -> None:
    model = Sequential([Dense(1, kernel_constraint="non_neg", input_shape=(3,))], seed=0)
    model.compile(optimizer=SGD(1.0), loss="mse")
    model.fit(*data(), epochs=3, verbose=0)
    assert (model.get_weights()[0] >= 0).all()


def test_activity_regularizer_adds_its_gradient() -> None:
    model = Sequential(
        [Dense(1, use_bias=False, kernel_initializer="ones", activity_regularizer="l2", input_shape=(1,))]
    )
    model.compile(optimizer=SGD(0.1), loss="mse")
    x = np.array([[2.0]])
    history = model.fit(x, x, verbose=0).history
    assert history["loss"][0] == pytest.approx(0.01 * 4)
    assert model.get_weights()[0].item() == pytest.approx(1 - 0.1 * 0.01 * 2 * 2 * 2)


def test_activity_regularizer_takes_the_mean_of_the_batch() -> None:
    model = Sequential(
        [Dense(1, use_bias=False, kernel_initializer="ones", activity_regularizer="l2", input_shape=(1,))]
    )
    model.compile(optimizer=SGD(0.1), loss="mse")
    x = np.array([[1.0], [3.0]])
    assert model.evaluate(x, x, verbose=0) == pytest.approx(0.01 * (1 + 9) / 2)
    model.fit(x, x, verbose=0)
    assert model.get_weights()[0].item() == pytest.approx(1 - 0.1 * 0.01 * 2 * (1 + 9) / 2)


def test_activity_regularizer_takes_all_outputs_of_a_layer() -> None:
    x = Input((2, 3))
    model = Model(x, LSTM(2, return_state=True, activity_regularizer="l2", name="r")(x)[1])
    plain = Model(x, model.get_layer("r").output)
    model.compile(optimizer="sgd", loss="mse")
    rows = np.random.default_rng(0).standard_normal((4, 2, 3))
    outputs, target = plain.predict(rows), np.zeros((4, 2))
    expected = np.mean(outputs[1] ** 2) + 0.01 * sum((part**2).sum() for part in outputs) / 4
    assert model.evaluate(rows, target, verbose=0) == pytest.approx(expected, rel=1e-5)
    before = model.get_weights()
    model.fit(rows, target, verbose=0)
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_steps_per_epoch_cuts_and_repeats_the_data() -> None:
    counts: list[int] = []

    class Count(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            counts.append(batch)

    small().fit(*data(10), batch_size=4, epochs=1, steps_per_epoch=2, verbose=0, callbacks=[Count()])
    small().fit(*data(10), batch_size=4, epochs=1, steps_per_epoch=7, verbose=0, callbacks=[Count()])
    assert counts == [0, 1, 0, 1, 2, 3, 4, 5, 6]


def test_initial_epoch_counts_epochs_from_there() -> None:
    assert small().fit(*data(), initial_epoch=2, epochs=5, verbose=0).epoch == [2, 3, 4]


@pytest.mark.parametrize("freq, at", [(2, [1, 3]), ([1, 4], [0, 3])])
def test_validation_freq_chooses_the_epochs(freq: Any, at: list[int]) -> None:
    epochs: list[int] = []

    class Epochs(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if "val_loss" in logs:
                epochs.append(epoch)

    small().fit(*data(), epochs=4, validation_data=data(3), validation_freq=freq, verbose=0, callbacks=[Epochs()])
    assert epochs == at


def test_metrics_leave_the_weights_alone() -> None:
    plain, measured = small(), small(metrics=["mae", "mse"])
    for model in (plain, measured):
        model.fit(*data(), epochs=2, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(plain.get_weights(), measured.get_weights(), strict=True))


def test_float64_and_integers_are_cast_to_floatx() -> None:
    model = small()
    model.fit(np.arange(12).reshape(4, 3), np.arange(4), epochs=1, verbose=0)
    assert {w.dtype for w in model.get_weights()} == {np.dtype("float32")}
    assert model.predict(np.zeros((2, 3))).dtype == np.float32


@pytest.mark.parametrize(
    "x, y, kind, message",
    [
        (np.zeros((4, 3)), np.zeros((5, 1)), DataError, "all data must have the same number of samples. Received: x has 4, y has 5"),
        (np.zeros((0, 3)), np.zeros((0, 1)), DataError, "the data are empty: x has 0, y has 0"),
        (np.zeros((4, 2)), np.zeros((4, 1)), DataError, "the model takes samples of shape (3). Received x of shape (4, 2), samples of shape (2,)"),
        (np.zeros((4, 3)), np.zeros((4, 2)), DataError, "mean_squared_error: targets of shape (4, 2) do not fit the model's output (n, 1)."),
        ([["a", "b", "c"]], [[1]], DataError, "x must hold numbers. Received dtype <U1"),
        (np.zeros((4, 3)), None, ArgumentError, "y must be given: the targets (n, ...)"),
    ],
)  # fmt: skip
def test_data_that_do_not_fit_are_told_apart(x: Any, y: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        small().fit(x, y, verbose=0)
    assert str(caught.value) == message


def test_fit_before_compile_says_what_to_do() -> None:
    model = Sequential([Dense(1)])
    with pytest.raises(StateError, match=r"must be compiled first: model.compile\(optimizer=..., loss=...\)"):
        model.fit(*data(), verbose=0)


def test_train_on_batch_steps_once_and_reports_the_loss_before_it() -> None:
    x, y = data(6)
    model = small(metrics=["mae"])
    before = float(((model.predict(x) - y) ** 2).mean())
    loss, mae = model.train_on_batch(x, y)
    assert loss == pytest.approx(before, rel=1e-5)
    assert mae > 0
    assert model.optimizer is not None and model.optimizer.iterations == 1
    assert model.test_on_batch(x, y)[0] < loss
    assert model.predict_on_batch(x).shape == (6, 1)


def test_the_function_form_of_a_loss_is_a_metric_over_all_samples() -> None:
    x, y = data(10)
    model = small(optimizer=SGD(0.0), metrics=[kexp.losses.mean_absolute_error])
    history = model.fit(x, y, batch_size=4, verbose=0).history
    assert history["mean_absolute_error"][0] == pytest.approx(float(abs(model.predict(x) - y).mean()), rel=1e-5)


def test_two_metrics_of_one_name_are_told_apart() -> None:
    model = small(metrics=[kexp.metrics.MeanAbsoluteError(), kexp.metrics.MeanAbsoluteError()])
    logs = model.fit(*data(), verbose=0).history
    assert list(logs) == ["loss", "mean_absolute_error", "mean_absolute_error_1"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"shuffle": "batches"}, "shuffle must be True, False or 'batch'. Received: 'batches'"),
        ({"initial_epoch": -1}, "initial_epoch must be an int from 0 on. Received: -1"),
        ({"validation_freq": 0}, "validation_freq must be a positive int. Received: 0"),
        ({"validation_steps": 0}, "validation_steps must be a positive int. Received: 0"),
        ({"validation_batch_size": 0}, "validation_batch_size must be a positive int. Received: 0"),
        ({"steps_per_epoch": 0}, "steps_per_epoch must be a positive int. Received: 0"),
    ],
)
def test_arguments_of_fit_that_mean_nothing_are_refused(arguments: dict[str, Any], text: str) -> None:
    x, y = data()
    with pytest.raises(ArgumentError) as error:
        small().fit(x, y, validation_split=0.2, verbose=0, **arguments)
    assert str(error.value) == text


def test_no_steps_to_evaluate_or_predict_are_refused() -> None:
    x, y = data()
    for call in (lambda: small().evaluate(x, y, steps=0), lambda: small().predict(x, steps=0)):
        with pytest.raises(ArgumentError) as error:
            call()
        assert str(error.value) == "steps must be a positive int. Received: 0"
