"""Runs: `store` reads and makes their folders, `worker` fills one, `engines` decide where and when workers run."""
