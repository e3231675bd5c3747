"""What was due when: slots of pipelines, deliveries and ages of datasets."""
