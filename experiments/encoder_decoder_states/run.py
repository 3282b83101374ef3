"""Five symbols backwards: the last states of one LSTM are the first states of another, which is told what it said.

Run: python experiments/encoder_decoder_states/run.py
"""

import numpy as np

from kexp.datasets import reverse_sequence
from kexp.layers import LSTM, Dense, Input
from kexp.models import Model
from kexp.optimizers import Adam
from kexp.optimizers.schedules import CosineDecay


def in_its_own_words(model, source, steps=5):
    """What the model says, given what it said itself; before the first symbol it has said nothing."""
    said = np.zeros((len(source), steps, 10), dtype="float32")
    for step in range(steps):
        symbols = model.predict({"source": source, "said": said}, verbose=0).argmax(axis=-1)
        if step + 1 < steps:
            said[np.arange(len(source)), step + 1, symbols[:, step]] = 1
    return symbols


if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = reverse_sequence.load_data(n_train=8000, teacher_forcing=True)
    source, said = Input((None, 10), name="source"), Input((None, 10), name="said")
    _, h, c = LSTM(64, return_state=True)(source)
    steps = LSTM(64, return_sequences=True)(said, initial_state=[h, c])
    model = Model([source, said], Dense(10, activation="softmax")(steps), seed=7)
    model.compile(
        optimizer=Adam(CosineDecay(0.01, decay_steps=1000)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, batch_size=32, epochs=4, validation_data=(x_test, y_test), verbose=2)
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
    print("whole sequences:", (in_its_own_words(model, x_test["source"]) == y_test).all(axis=1).mean())
