"""A plugin of another distribution: a layer, a callback, a data set and an experiment."""

from pathlib import Path

import numpy as np

import kexp


class ScaledTanh(kexp.Layer):
    """y = scale * tanh(gain * x), with one learned gain a feature; its gradient is worked out by kexp."""

    def __init__(self, scale: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def build(self, input_shape):
        self.add_weight("gain", (input_shape[-1],), "ones")

    def call(self, x):
        return self.scale * np.tanh(self.gain * x)


class Shout(kexp.Callback):
    """Says a word after each epoch."""

    def __init__(self, word: str, times: int = 1):
        self.word = word
        self.times = times

    def on_epoch_end(self, epoch, logs=None):
        print(self.word * self.times, epoch, f"{logs['loss']:.4f}")


class Ramp(kexp.Dataset):
    """y = x1 - x2 on a grid."""

    def __init__(self, n: int = 64):
        self.n = n

    def load(self):
        x = np.random.default_rng(0).uniform(-1, 1, (self.n, 2)).astype("float32")
        return {"train": kexp.Split(x, x[:, :1] - x[:, 1:])}


@kexp.hookimpl
def kexp_layers():
    return {"scaled_tanh": ScaledTanh}


@kexp.hookimpl
def kexp_callbacks():
    return {"shout": Shout}


@kexp.hookimpl
def kexp_datasets():
    return {"ramp": Ramp}


@kexp.hookimpl
def kexp_config_dirs():
    return [Path(__file__).parent / "conf"]
