"""Results as types: what verify, bench and search return, and what a run came to."""
