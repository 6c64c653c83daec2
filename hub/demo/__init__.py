"""`hub demo`: the sample city through a real Airflow on this machine, from start to tidy end."""
