"""Detectors: a model plus its Signature, loaded from the formats that people have."""
