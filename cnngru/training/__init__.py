"""Training as a stream of events, and how good the result is. Knows nothing of runs, files or screens."""
