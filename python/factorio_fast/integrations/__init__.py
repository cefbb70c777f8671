"""Adapters to other reinforcement-learning libraries: one file each, loaded only when asked for."""
