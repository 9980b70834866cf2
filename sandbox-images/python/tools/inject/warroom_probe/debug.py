"""Breakpoints: looks at the values when a line is reached, and lets the program go on."""

import atexit
import os
import sys
import threading

from .report import answer, place, shorten, stack_of


def begin(config):
    lines = {}
    for path, line in config['breaks']:
        lines.setdefault(path, set()).add(line)
    state = {'hits': [], 'notes': [], 'over': False}
    names = {os.path.basename(path) for path in lines}
    known = {}

    def wanted(code):
        """Lines of this code to stop at, remembered by file: this is asked at every call of the program."""
        path = code.co_filename
        if path not in known:
            known[path] = lines.get(os.path.realpath(path)) if os.path.basename(path) in names else None
        return known[path]

    def trace_call(frame, event, _):
        return trace_line if event == 'call' and wanted(frame.f_code) and not state['over'] else None

    def trace_line(frame, event, _):
        if event == 'line' and frame.f_lineno in wanted(frame.f_code) and not state['over']:
            hit(config, state, frame)
        return trace_line

    def end():
        if not state['over']:
            tell(config, state, done=False)

    atexit.register(end)
    threading.settrace(trace_call)
    sys.settrace(trace_call)


def hit(config, state, frame):
    scope = frame.f_globals, {**frame.f_locals}
    if config['when'] is not None:
        try:
            if not eval(config['when'], *scope):
                return
        except Exception as problem:
            note = f'The condition throws at a hit: {problem!r}'[:600]
            if note not in state['notes']:
                state['notes'].append(note)
            return
    code = frame.f_code
    state['hits'].append(
        {
            'location': {'file': place(config, code.co_filename), 'line': frame.f_lineno},
            'thread': thread_name(),
            'stack': stack_of(config, frame),
            'locals': {name[:200]: shorten(value) for name, value in list(frame.f_locals.items())[:60]},
            'values': {text: evaluate(text, scope) for text in config['evals']},
        }
    )
    if len(state['hits']) >= config['hits']:
        state['over'] = True
        sys.settrace(None)
        tell(config, state, done=True)


def thread_name():
    thread = threading.current_thread()
    return 'main' if thread is threading.main_thread() else thread.name[:200]


def evaluate(text, scope):
    try:
        return shorten(eval(text, *scope), 4_000)
    except Exception as problem:
        return f'throws: {problem!r}'[:4_000]


def tell(config, state, done):
    answer(config, {'hits': state['hits'], 'notes': state['notes'][:20]}, len(state['hits']), done)
