"""Which symbol stood second in a sequence of eight? Two LSTMs.

Run: python experiments/stacked_lstm/run.py
"""

from kexp.datasets import echo_sequence
from kexp.layers import LSTM, Dense
from kexp.models import Sequential
from kexp.optimizers import Adam

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = echo_sequence.load_data(steps=8)
    model = Sequential(seed=7)
    model.add(LSTM(32, return_sequences=True))
    model.add(LSTM(32))
    model.add(Dense(10, activation="softmax"))
    model.compile(optimizer=Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=32, epochs=15, validation_data=(x_test, y_test), verbose=2)
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
