"""What the demo platform's systems leave as files: dbt's artifacts, FOCUS bills, a git repository, registers."""
