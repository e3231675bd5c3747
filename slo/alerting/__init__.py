"""What is worth telling somebody: budgets that burn, datasets that are late, runs that fail, sources gone blind."""
