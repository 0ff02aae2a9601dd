"""`python -m cnngru`: see cnngru/cli."""

from cnngru.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
