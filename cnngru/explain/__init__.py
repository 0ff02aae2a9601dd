"""What a network did while it read: pure functions of tensors. Knows nothing of runs, files or screens."""
