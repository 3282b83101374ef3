"""Does a sentence praise a film? An LSTM on its words.

Run: python experiments/lstm_text/run.py
"""

from kexp.callbacks import EarlyStopping
from kexp.datasets import rt_polarity
from kexp.layers import LSTM, Dense, Embedding, TextVectorization
from kexp.models import Sequential

if __name__ == "__main__":
    (texts, y), (texts_test, y_test) = rt_polarity.load_data()
    words = TextVectorization(max_tokens=10000, output_sequence_length=32)
    words.adapt(texts[:7676])
    x, x_test = words(texts), words(texts_test)
    model = Sequential(seed=7)
    model.add(Embedding(10000, 32, mask_zero=True))
    model.add(LSTM(32, dropout=0.2))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    stop = EarlyStopping(monitor="val_loss", patience=1, restore_best_weights=True)
    data = (x[7676:], y[7676:])
    model.fit(x[:7676], y[:7676], batch_size=64, epochs=6, validation_data=data, callbacks=[stop], verbose=2)
    print(model.evaluate(x_test, y_test, return_dict=True, verbose=0))
