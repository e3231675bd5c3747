"""What people of the demo platform write down: toil, sessions, plans, documents, surveys."""
