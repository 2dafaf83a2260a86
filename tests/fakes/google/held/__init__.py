"""That the server answers as Google does: its own tests, and the recordings that it is held to."""
