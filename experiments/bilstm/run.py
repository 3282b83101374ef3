"""From which step on is the sum above half of the total? An LSTM in both directions.

Run: python experiments/bilstm/run.py
"""

from kexp.datasets import cumulative_sum
from kexp.layers import LSTM, Bidirectional, Dense, TimeDistributed
from kexp.models import Sequential
from kexp.optimizers import Adam

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = cumulative_sum.load_data()
    model = Sequential(seed=7)
    model.add(Bidirectional(LSTM(20, return_sequences=True)))
    model.add(TimeDistributed(Dense(1, activation="sigmoid")))
    model.compile(optimizer=Adam(0.001), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=10, epochs=20, validation_data=(x_test, y_test), verbose=2)
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
