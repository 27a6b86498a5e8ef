"""Other quantizers and edgekit's own: each makes an artifact from the same task."""
