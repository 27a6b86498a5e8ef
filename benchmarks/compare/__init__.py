"""Artifacts of one student side by side: latency, memory, size, decisions."""
