"""What the demo platform runs on: warehouses, storage, commitments, streams, and the workloads its bill is told by."""
