"""dbt's artifacts and dbt Cloud, as the source "dbt" uses them."""
