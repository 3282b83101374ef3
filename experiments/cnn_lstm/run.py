"""Does a spot in a film go left or right? A CNN for each frame, an LSTM over the frames.

Run: python experiments/cnn_lstm/run.py
"""

from kexp.datasets import moving_square
from kexp.layers import LSTM, Conv2D, Dense, Flatten, MaxPooling2D, TimeDistributed
from kexp.models import Sequential
from kexp.optimizers import Adam

if __name__ == "__main__":
    (x_train, y_train), (x_test, y_test) = moving_square.load_data()
    model = Sequential(seed=7)
    model.add(TimeDistributed(Conv2D(2, (2, 2), activation="relu")))
    model.add(TimeDistributed(MaxPooling2D((2, 2))))
    model.add(TimeDistributed(Flatten()))
    model.add(LSTM(50))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer=Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=32, epochs=12, validation_data=(x_test, y_test), verbose=2)
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
