"""Models as files: Keras' .keras archives, .weights.h5 files and the older .h5 files."""
