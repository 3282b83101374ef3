"""Five symbols backwards: one LSTM reads them into a vector, another writes them from it.

Run: python experiments/encoder_decoder/run.py
"""

from kexp.datasets import reverse_sequence
from kexp.layers import LSTM, Dense, RepeatVector, TimeDistributed
from kexp.models import Sequential
from kexp.optimizers import Adam
from kexp.optimizers.schedules import CosineDecay

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = reverse_sequence.load_data(n_train=8000)
    model = Sequential(seed=7)
    model.add(LSTM(64))
    model.add(RepeatVector(5))
    model.add(LSTM(64, return_sequences=True))
    model.add(TimeDistributed(Dense(10, activation="softmax")))
    rate = CosineDecay(0.005, decay_steps=4000)
    metrics = ["accuracy", "sequence_accuracy"]
    model.compile(optimizer=Adam(rate), loss="sparse_categorical_crossentropy", metrics=metrics)
    model.fit(x_train, y_train, batch_size=32, epochs=16, validation_data=(x_test, y_test), verbose=2)
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
