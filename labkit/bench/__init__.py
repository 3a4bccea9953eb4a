"""Benchmarks: what `labkit bench` runs. They print ratios; no test asserts a speed."""
