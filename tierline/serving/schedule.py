"""The working half of a service: sources collected on schedule, one thread each, and evaluation every step. Only one
process does it at a time, whoever holds the store's lease."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from collectors.base import Source
from collectors.runner import Progress, Runner
from collectors.secrets import starred
from slo.errors import TierlineError
from tierline.logs import log

if TYPE_CHECKING:
    from slo.store import Store

LEASE = "service"
LEASE_SECONDS = 60.0
RENEWED = 15.0
"""Seconds between two renewals."""
EAGER = 10.0
"""Seconds at least between two evaluations that new facts ask for."""


class Leader:
    """Holds the lease, or waits for it. ``leads`` is set while this process is the one that works."""

    def __init__(self, store: Store, now: Callable[[], datetime], stop: threading.Event) -> None:
        self.store, self.now, self.stop = store, now, stop
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.leads = threading.Event()
        self._told_waiting = False

    def run(self) -> None:
        """Until stopped."""
        while not self.stop.is_set():
            self._try()
            self.stop.wait(RENEWED)

    def _try(self) -> None:
        try:
            held = self.store.lease(LEASE, self.holder, LEASE_SECONDS, self.now())
        except TierlineError as error:
            log.error("lease: %s", error)
            held = False
        if held:
            self.leads.set()
            return
        if self.leads.is_set() or not self._told_waiting:
            log.info("another process collects and evaluates; this one waits")
            self._told_waiting = True
        self.leads.clear()

    def release(self) -> None:
        """Gives the lease back, so that the next process need not wait."""
        if self.leads.is_set():
            self.leads.clear()
            self.store.release(LEASE, self.holder)


class _Left(BaseException):
    """A pass is left between two periods. No Exception: the runner must not take it for the source's failure."""


class Collecting:
    """One source, again and again, each time its interval has passed."""

    def __init__(self, runner: Runner, source: Source, leader: Leader, fresh: Callable[[], None]) -> None:
        self.runner, self.source, self.leader, self.fresh = runner, source, leader, fresh
        self.interval: timedelta = source.settings.interval or source.interval

    def run(self) -> None:
        """Until stopped. A failed pass is logged and tried again when its time comes."""
        while not self.leader.stop.is_set():
            if self.leader.leads.wait(1.0):
                self._pass()
                self.leader.stop.wait(self.interval.total_seconds())

    def _pass(self) -> None:
        try:
            record = self.runner.collect(self.source, progress=self._between)
        except _Left:
            return
        except TierlineError as error:
            log.error("%s: %s", self.source.name, starred(error))
            return
        self.fresh()
        for reason in record.unseen:
            log.warning("%s: a part was not seen: %s", record.source, reason)
        if record.ok:
            aside = f", {record.set_aside} set aside" if record.set_aside else ""
            log.info("%s: %s facts, %s unchanged%s", record.source, record.facts, record.unchanged, aside)
        else:
            log.error("%s: %s", record.source, record.error)

    def _between(self, at: Progress) -> None:
        """Between two stored periods a pass may be left: the next one goes on where it stopped."""
        if self.leader.stop.is_set() or not self.leader.leads.is_set():
            raise _Left
        if at.facts:
            self.fresh()


class Evaluating:
    """Evaluates every step, and soon after new facts."""

    def __init__(self, evaluate: Callable[[], None], leader: Leader, step: timedelta) -> None:
        self.evaluate, self.leader, self.step = evaluate, leader, step
        self.wake = threading.Event()

    def run(self) -> None:
        """Until stopped. A failed evaluation is logged; the last results stay."""
        while not self.leader.stop.is_set():
            if self.leader.leads.wait(1.0):
                self.wake.clear()
                self._once()
                self.leader.stop.wait(EAGER)
                self._until_due()

    def _until_due(self) -> None:
        due = self.step.total_seconds() - EAGER
        while due > 0 and not (self.leader.stop.is_set() or self.wake.wait(min(due, 1.0))):
            due -= 1.0

    def _once(self) -> None:
        try:
            self.evaluate()
        except TierlineError as error:
            log.error("evaluation: %s", starred(error))
        except Exception as error:
            log.error("evaluation: unexpected: %s: %s", type(error).__name__, starred(error))
