"""Hydra configs of kexp; a package so that they travel in the wheel."""
