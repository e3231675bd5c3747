"""A small airflow platform: each dag does one thing that a collector must get right. Few real tasks, so it is quick.

Every window lies before PEER_ANCHOR (an instant at UTC midnight), so the number of runs is known.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pendulum
from airflow.exceptions import AirflowSkipException

try:  # Airflow 3
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import PythonOperator, ShortCircuitOperator
    from airflow.sdk import DAG, Asset, get_current_context
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import PythonOperator, ShortCircuitOperator, get_current_context

ANCHOR = datetime.fromisoformat(os.environ["PEER_ANCHOR"])
ORDERS = Asset("s3://lake/orders")


def dag(name, schedule, first, last, **more):
    """A dag whose ticks lie between two timedeltas before the anchor, both included."""
    return DAG(
        name, schedule=schedule, start_date=ANCHOR - first, end_date=ANCHOR - last, catchup=True,
        max_active_runs=8, **more,
    )  # fmt: skip


def nth_day():
    return (ANCHOR.date() - get_current_context()["logical_date"].date()).days


def fail_on_even_days():
    """Fails on even days, unless a file says that the fault is mended."""
    if nth_day() % 2 == 0 and not Path(os.environ["PEER_MENDED"]).exists():
        raise RuntimeError("an even day")


def fail_first_try():
    if get_current_context()["ti"].try_number == 1:
        raise RuntimeError("the first try fails")


def skip_on_odd_days():
    if nth_day() % 2 == 1:
        raise AirflowSkipException("nothing to do")


def fail_on_day_12():
    if nth_day() == 12:
        raise RuntimeError("day 12")


days, hours = (lambda n: timedelta(days=n)), (lambda n: timedelta(hours=n))

with dag(
    "hourly_ok", "0 * * * *", hours(30), hours(1), tags=["tier:1", "domain:sales"], default_args={"owner": "sales"}
):
    EmptyOperator(task_id="done")

with dag(
    "daily_flaky", "@daily", days(6), days(1), tags=["tier_2"], default_args={"owner": "core-data,ada@example.com"}
):
    PythonOperator(task_id="work", python_callable=fail_on_even_days) >> EmptyOperator(task_id="after")

with dag(
    "retries", "0 */12 * * *", days(2), hours(12), default_args={"retries": 2, "retry_delay": timedelta(seconds=1)}
):
    PythonOperator(task_id="work", python_callable=fail_first_try)

with dag("nothing_to_do", "@daily", days(4), days(1), tags=["team:core"]):
    PythonOperator(task_id="look", python_callable=skip_on_odd_days) >> EmptyOperator(task_id="then")

with dag("partly_skipped", "@daily", days(2), days(1)):
    ShortCircuitOperator(task_id="stop", python_callable=lambda: False) >> EmptyOperator(task_id="never")

with DAG("paused", schedule="0 * * * *", start_date=ANCHOR - days(2), catchup=True, is_paused_upon_creation=True):
    EmptyOperator(task_id="t")

with DAG(
    "berlin",
    schedule="30 6 * * 1-5",
    start_date=pendulum.datetime(2020, 1, 1, tz="Europe/Berlin"),
    is_paused_upon_creation=True,
):
    EmptyOperator(task_id="t")

with dag("producer", "@daily", days(3), days(1)):
    PythonOperator(task_id="load", python_callable=lambda: None, outlets=[ORDERS])

with DAG("consumer", schedule=[ORDERS], start_date=ANCHOR - days(9)):
    EmptyOperator(task_id="read")

with DAG("refilled", schedule="@daily", start_date=ANCHOR - days(20), end_date=ANCHOR - days(10), catchup=False):
    PythonOperator(task_id="work", python_callable=fail_on_day_12)

with DAG("by_hand", schedule=None, start_date=ANCHOR - days(9)):
    EmptyOperator(task_id="t")
