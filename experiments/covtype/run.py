"""Which trees cover a patch of land, as the tutorial writes it: `python experiments/covtype/run.py`."""

from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from kexp import Pipeline
from kexp.datasets import covtype
from kexp.layers import Dense, Dropout
from kexp.models import Sequential
from kexp.optimizers import Adam
from kexp.transforms import LabelEncode, Standardize

if __name__ == "__main__":
    (features, labels), _ = covtype.load_data(test_fraction=0.0, as_frame=True)
    x_train, x_test, y_train, y_test = train_test_split(features, labels, test_size=0.2, random_state=0)

    model = Sequential(seed=7)
    model.pipeline = Pipeline([Standardize(ddof=1)])
    model.target_pipeline = Pipeline([LabelEncode()])
    model.add(Dense(64, input_dim=54, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(32, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(7, activation="softmax"))
    model.compile(Adam(lr=0.001, decay=0.00001), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, validation_split=0.2, epochs=20, batch_size=32, verbose=2)
    found = model.predict_classes(x_test, labels=True)
    print(f"Test accuracy: {accuracy_score(y_test, found):.4f}")
