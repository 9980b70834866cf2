"""What grew between two looks: by site of allocation and by type."""

import atexit
import gc
import os
import sys
import threading
import time
import tracemalloc
from collections import Counter

from .report import answer, place

MOST = 30
_HIDDEN = ('<frozen importlib', '<unknown>')


def begin(config):
    tracemalloc.start(1)
    first = look()  # for a program that ends before the first look proper
    state = {'first': first, 'over': False, 'early': True}

    def finish(done):
        if not state['over']:
            state['over'] = True
            tell(config, state, look(), done)

    def watch():
        # Code is loaded, caches are warm: what grows from here on grows with the work.
        time.sleep(min(1.0, config['seconds'] / 4))
        if not state['over']:
            state['first'], state['early'] = look(), False
        time.sleep(max(0.0, config['until'] - time.time()))
        finish(True)

    atexit.register(finish, False)
    threading.Thread(target=watch, name='warroom', daemon=True).start()


def look():
    gc.collect()
    counts, sizes = Counter(), Counter()
    for thing in gc.get_objects():
        kind = type(thing)
        counts[kind] += 1
        try:
            sizes[kind] += sys.getsizeof(thing)
        except Exception:
            pass  # a type whose __sizeof__ throws
    sites = {}
    for one in tracemalloc.take_snapshot().statistics('lineno'):
        frame = one.traceback[0]
        sites[frame.filename, frame.lineno] = (one.count, one.size)
    return {'counts': counts, 'sizes': sizes, 'sites': sites, 'rss': resident_bytes()}


def resident_bytes():
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def tell(config, state, last, done):
    first = state['first']
    grew = []
    ours = os.path.dirname(os.path.abspath(__file__))
    for (file, line), (count, size) in last['sites'].items():
        count_before, size_before = first['sites'].get((file, line), (0, 0))
        if size <= size_before or file.startswith((ours, tracemalloc.__file__, *_HIDDEN)):
            continue
        shown = place(config, file)
        grew.append(
            {
                'kind': 'site',
                'name': f'{shown}:{line}',
                'file': shown,
                'line': line,
                **growth(count_before, count, size_before, size),
            }
        )
    grew = largest(grew)
    types = []
    for kind, count in last['counts'].items():
        if last['sizes'][kind] > first['sizes'][kind] and count > first['counts'][kind]:
            name = f'{kind.__module__}.{kind.__qualname__}' if kind.__module__ != 'builtins' else kind.__qualname__
            sizes = first['sizes'][kind], last['sizes'][kind]
            types.append({'kind': 'type', 'name': name[:600], **growth(first['counts'][kind], count, *sizes)})
    notes = ['Sizes of types are of the objects that the collector tracks, without what they refer to.']
    if state['early']:
        notes.append('The program ended before a first look: growth is counted from its start, modules included.')
    result = {
        'grew': largest([*grew, *largest(types)], 2 * MOST),
        'rssBefore': first['rss'],
        'rssAfter': last['rss'],
        'notes': notes,
    }
    answer(config, result, sum(one['bytesAfter'] - one['bytesBefore'] for one in grew), done)


def growth(count_before, count_after, bytes_before, bytes_after):
    return {
        'countBefore': count_before,
        'countAfter': count_after,
        'bytesBefore': bytes_before,
        'bytesAfter': bytes_after,
    }


def largest(grew, most=MOST):
    return sorted(grew, key=lambda one: one['bytesBefore'] - one['bytesAfter'])[:most]
