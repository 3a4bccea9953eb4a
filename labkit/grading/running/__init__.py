"""Run one submission: nbval, the kernel that contains student code, and the probes sent to it."""
