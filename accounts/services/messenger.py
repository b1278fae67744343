"""Takes nudges to the workers in a thread of its own: while the broker hangs or is away, Celery waits
for it without end, and nobody who has written something may wait along."""

import logging
from queue import SimpleQueue
from threading import Lock, Thread

from celery import current_app

logger = logging.getLogger(__name__)

EVALUATE = "scoring.evaluate_stale"


class Messenger:
    def __init__(self, countdown: float) -> None:
        self.countdown = countdown
        self.queue: SimpleQueue[int] = SimpleQueue()
        self.waiting: set[int] = set()
        self.lock = Lock()
        self.thread: Thread | None = None

    def send(self, workspace_id: int) -> None:
        with self.lock:
            if workspace_id in self.waiting:
                return
            self.waiting.add(workspace_id)
            # Not at the start, because a thread does not outlive the fork of a web worker.
            if self.thread is None or not self.thread.is_alive():
                self.thread = Thread(target=self.run, name="messenger", daemon=True)
                self.thread.start()
        self.queue.put(workspace_id)

    def run(self) -> None:
        while True:
            workspace_id = self.queue.get()
            self.waiting.discard(workspace_id)
            try:
                current_app.send_task(
                    EVALUATE, args=[workspace_id], countdown=self.countdown, retry=False
                )
            except Exception:
                # What was stored is stored: beat finds the marked accounts without the nudge.
                logger.warning("The broker did not take a nudge", exc_info=True)
