"""XOR from Python: `python experiments/xor/run.py [--seeds N]`."""

import argparse

from kexp.datasets import xor
from kexp.layers import Dense
from kexp.models import Sequential


def accuracy(seed: int) -> float:
    """The accuracy after 500 epochs, from the weights of this seed."""
    x, y = xor()
    model = Sequential(seed=seed)
    model.add(Dense(8, activation="relu", input_dim=2))
    model.add(Dense(4, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=1, epochs=500, verbose=0)
    return float(model.evaluate(x, y)[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds to try, from 0")
    found = [accuracy(seed) for seed in range(parser.parse_args().seeds)]
    print(f"{sum(value == 1.0 for value in found)} of {len(found)} seeds solve XOR: {found}")
