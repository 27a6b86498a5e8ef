"""Where artifacts run: the runner, and the transports that start it."""
