"""What is measured over Prometheus."""
