"""Where an artifact begins to differ: layer by layer, in the student's own names."""
