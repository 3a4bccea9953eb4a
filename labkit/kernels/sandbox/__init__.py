"""The sandbox: what a kernel sees, what it may do, and how much of the machine it may use."""
