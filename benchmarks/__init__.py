"""What the README claims, measured: `python -m benchmarks`. Not installed with edgekit."""
