"""Work items as KPIs count them: whose they are, which moment places them, what a promise to close them in time is
worth, and how long they took (kpi_rules, sections 1, 2, 5, 6 and 8)."""
