"""A stand-alone carrier on loopback for demo and tests. It imports nothing of ours, so a shared mistake cannot hide."""
