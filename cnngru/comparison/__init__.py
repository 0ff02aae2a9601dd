"""Runs side by side, and what they answer to the source document's claims. Knows nothing of screens."""
