"""Results and closed periods handed on as tables: to Parquet, to CSV, or into a database. What a table holds stands in
``columns.py`` once; the ways to write it know columns, not KPIs."""
