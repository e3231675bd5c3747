"""What people say of assets, in tierline.yaml, critical.csv and sheets filled in, and how it becomes facts."""
