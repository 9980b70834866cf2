"""Samples every thread, weighed by the CPU time that it used since the last look: who only waits weighs nothing."""

import atexit
import linecache
import sys
import threading
import time
from collections import Counter

from .report import answer, frames_of, function_of, place

EVERY = 0.004
MOST = 50


def begin(config):
    state = {'functions': Counter(), 'total': Counter(), 'lines': Counter(), 'over': False}
    # A busy thread gives way this often only when somebody asks.
    sys.setswitchinterval(0.001)
    sampler = threading.Thread(target=sample, args=(config, state), name='warroom', daemon=True)
    started = time.monotonic()

    def end():
        if not state['over']:
            state['over'] = True
            tell(config, state, time.monotonic() - started, done=False)

    atexit.register(end)
    sampler.start()


def sample(config, state):
    me = threading.get_ident()
    used = {}
    started = time.monotonic()
    while not state['over']:
        time.sleep(EVERY)
        for thread, frame in sys._current_frames().items():
            if thread == me:
                continue
            try:
                now = time.clock_gettime(time.pthread_getcpuclockid(thread))
            except OSError:
                continue  # has ended
            spent = now - used.get(thread, now)
            used[thread] = now
            # The share of a thread that only waits is the cost of being looked at.
            if spent > 0.0005:
                add(state, frame, spent)
        if time.time() >= config['until'] and not state['over']:
            state['over'] = True
            tell(config, state, time.monotonic() - started, done=True)


def add(state, frame, spent):
    seen = set()
    for depth, one in enumerate(frames_of(frame)):
        code = one.f_code
        key = (function_of(code), code.co_filename, code.co_firstlineno)
        if depth == 0:
            state['functions'][key] += spent
            state['lines'][(code.co_filename, one.f_lineno or 0)] += spent
        if key not in seen:
            seen.add(key)
            state['total'][key] += spent


def tell(config, state, seconds, done):
    own, total, lines = state['functions'], state['total'], state['lines']
    whole = sum(own.values())

    def percent(value):
        return round(min(100, 100 * value / whole), 2) if whole > 0 else 0

    ranked = sorted(total, key=lambda key: (-own[key], -total[key]))[:MOST]
    result = {
        'seconds': round(seconds, 3),
        'functions': [
            {
                'function': key[0],
                'file': place(config, key[1]),
                'line': key[2],
                'selfPercent': percent(own[key]),
                'totalPercent': percent(total[key]),
            }
            for key in ranked
        ],
        'lines': [
            {
                'file': place(config, file),
                'line': line,
                'selfPercent': percent(spent),
                'text': linecache.getline(file, line).strip()[:400],
            }
            for (file, line), spent in lines.most_common(MOST)
        ],
        'notes': [] if whole > 0 else ['The program used no CPU time worth a sample.'],
    }
    answer(config, result, whole, done)
