"""Warm kernels: a process that has imported TensorFlow forks one whenever it is asked."""
