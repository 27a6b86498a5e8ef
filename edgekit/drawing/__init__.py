"""What pictures are drawn with: axes, a grid, labels that do not cover each other."""
