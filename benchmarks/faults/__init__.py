"""Damage, planted on purpose: does verification call it `fail`, and say what it is?"""
