"""Runs. `run` reads one from its folder, `store` has them all, `worker` fills one, `engines` decide where and when
workers run, `liveness` says whether one lives. `log`, `artifacts` and `commands` are what lies in a run's folder.
"""
