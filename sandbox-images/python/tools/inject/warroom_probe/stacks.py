"""All threads and tasks at one moment, and who waits for whom."""

import atexit
import os
import sys
import threading
import time

from . import locks, tasks
from .report import answer, frames_of, place, stack_of


def begin(config):
    tasks.record_owners()
    locks.record_owners()
    state = {'over': False}

    def watch():
        time.sleep(max(0.0, started_at(config) + config['seconds'] - time.time()))
        if not state['over']:
            state['over'] = True
            tell(config)

    def end():
        if not state['over']:
            state['over'] = True
            note = f'The program ended before {config["seconds"]:g} s were over: there is nothing to look at.'
            answer(config, {'threads': [], 'cycles': [], 'notes': [note]}, 0, False)

    atexit.register(end)
    threading.Thread(target=watch, name='warroom', daemon=True).start()


def started_at(config):
    """When the first of the program's processes came to its first own frame: what comes before is Python's start-up."""
    while not runs_program(sys._current_frames().get(threading.main_thread().ident)):
        time.sleep(0.01)
    path = os.path.join(config['folder'], 'started')
    try:
        with open(path, 'x', encoding='utf-8') as file:
            file.write(str(time.time()))
    except FileExistsError:
        pass
    return os.stat(path).st_mtime


def runs_program(frame):
    """Python imports us from its own start-up, whose frames are then the outermost."""
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    if frame is None:
        return False
    name = frame.f_code.co_filename
    return not name.startswith(('<frozen site', '<frozen importlib')) and os.path.basename(name) not in (
        'site.py',
        'sitecustomize.py',
    )


def tell(config):
    frames = sys._current_frames()
    frames.pop(threading.get_ident(), None)
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    names[threading.main_thread().ident] = 'main'
    threads, waits = [], {}
    for ident, frame in frames.items():
        name = names.get(ident, f'thread {ident}')
        words, owner = wait_of(config, ident, frame, names)
        thread = {'name': name[:200], 'state': 'waiting' if words else 'running', 'stack': stack_of(config, frame)}
        if words:
            thread['waitsFor'] = words[:600]
        if owner is not None:
            waits[name] = (owner, words)
        threads.append(thread)
    shown_tasks, task_waits = tasks.read_tasks(config)
    waits.update(task_waits)
    result = {'threads': [*threads, *shown_tasks][:200], 'cycles': cycles_in(waits), 'notes': []}
    answer(config, result, len(threads) + len(result['cycles']), True)


def wait_of(config, ident, frame, names):
    """In words, and the name of the thread that would have to go on."""
    lock = locks.waiting.get(ident)
    if lock is not None:
        name = name_of(config, lock, frame)
        owner = names.get(lock.owner, 'a thread that has ended') if lock.owner is not None else None
        if owner is None:
            return f'lock {name}', None
        return f'lock {name}, held by {owner} since {place_text(config, lock.held_at)}', owner
    if frame.f_code.co_filename == threading.__file__:
        thing = frame.f_locals.get('self')
        if isinstance(thing, threading.Thread):
            return f'the end of {thing.name}', names.get(thing.ident, thing.name)
        caller = next((one for one in frames_of(frame) if one.f_code.co_filename != threading.__file__), None)
        if caller is not None:
            where = f'{place(config, caller.f_code.co_filename)}:{caller.f_lineno}'
            return f'a signal from another thread ({caller.f_code.co_name} at {where})', None
    return None, None


def place_text(config, at):
    return f'{place(config, at[0])}:{at[1]}' if at else 'an unknown place'


def name_of(config, lock, frame):
    """What the code calls it: a variable, an attribute or an element that the waiting code can reach."""
    for one in frames_of(frame):
        for scope in (one.f_locals, one.f_globals):
            for name, value in list(scope.items()):
                if value is lock:
                    return f'"{name}"'
                inner = getattr(value, '__dict__', None) if not isinstance(value, type(sys)) else None
                for key, held in list(inner.items()) if isinstance(inner, dict) else ():
                    if held is lock:
                        return f'"{name}.{key}"'
    return f'made at {place_text(config, lock.made_at)}'


def cycles_in(waits):
    """Each circle once, told from its first name in the alphabet."""
    cycles = set()
    for start in waits:
        path, at = [], start
        while at in waits and at not in path:
            path.append(at)
            at = waits[at][0]
        if at in path:
            circle = path[path.index(at) :]
            first = circle.index(min(circle))
            cycles.add(tuple(circle[first:] + circle[:first]))
    return [
        '; '.join(f'{name} waits for {waits[name][1]}' for name in circle)[:2_000] for circle in sorted(cycles)
    ][:20]
