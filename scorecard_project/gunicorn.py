"""Settings of the web server. One process, because several would only multiply the memory of a small
installation; WEB_CONCURRENCY (gunicorn's own variable) raises it."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 4
keepalive = 5
limit_request_line = 8190
control_socket_disable = True
# Heartbeats in memory: on a slow disk they stall the worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
