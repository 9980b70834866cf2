"""Locks that know who holds them. Python's own do not, so these take their place before the program begins."""

import sys
import threading

_real_lock = threading.Lock
_real_rlock = threading._PyRLock
_ident = threading.get_ident

# By thread: the lock that it waits for.
waiting = {}


def record_owners():
    threading.Lock = _Lock
    threading.RLock = _RLock


def _caller():
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename in (__file__, threading.__file__):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


class _Lock:
    def __init__(self):
        self._lock = _real_lock()
        self.owner = self.held_at = None
        self.made_at = _caller()

    def acquire(self, blocking=True, timeout=-1):
        # Most are free: that must stay quick.
        got = self._lock.acquire(False)
        if not got and blocking:
            waiting[_ident()] = self
            try:
                got = self._lock.acquire(True, timeout)
            finally:
                waiting.pop(_ident(), None)
        if got:
            self.owner, self.held_at = _ident(), _caller()
        return got

    def release(self):
        self.owner = self.held_at = None
        self._lock.release()

    def locked(self):
        return self._lock.locked()

    def _at_fork_reinit(self):
        self.owner = self.held_at = None
        self._lock._at_fork_reinit()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()


class _RLock(_real_rlock):
    """threading's own in Python, on one of ours."""

    def __init__(self):
        super().__init__()
        self._block = _Lock()
        self._block.made_at = _caller()
