"""Runs: `store` reads and writes their folders, `worker` fills one, `engines` decide where workers run."""
