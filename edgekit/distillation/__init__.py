"""From a teacher to a student that decides the same."""
