"""Airflow's two APIs, as the source "airflow" uses them."""
