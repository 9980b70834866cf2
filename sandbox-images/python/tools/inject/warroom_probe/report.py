"""What probes have in common: how they answer, and how they name places and values."""

import json
import os
import reprlib

_OURS = os.path.dirname(os.path.abspath(__file__))
_shortener = reprlib.Repr()
_shortener.maxstring = _shortener.maxother = 300
_shortener.maxlist = _shortener.maxdict = _shortener.maxtuple = _shortener.maxset = 12
_shortener.maxlevel = 4


def answer(config, result, weight, done):
    """Written whole or not at all: the tool reads while we write."""
    path = os.path.join(config['folder'], f'{os.getpid()}.json')
    try:
        with open(f'{path}.draft', 'w', encoding='utf-8') as file:
            json.dump({'weight': weight, 'done': done, 'result': result}, file)
        os.replace(f'{path}.draft', path)
    except OSError:
        pass  # the tool has gone, or /tmp is full: there is nobody to tell


def shorten(value, most=2_000):
    try:
        return _shortener.repr(value)[:most]
    except Exception as problem:
        return f'<{type(value).__name__}: its repr throws {type(problem).__name__}>'


def place(config, path):
    root = config['root'] + os.sep
    path = os.path.abspath(path) if path and not path.startswith('<') else path
    return path[len(root) :][:500] if path.startswith(root) else path[:500]


def is_ours(code):
    return code.co_filename.startswith(_OURS)


def frames_of(frame):
    """Innermost first, without our own."""
    while frame is not None:
        if not is_ours(frame.f_code):
            yield frame
        frame = frame.f_back


def function_of(code):
    return getattr(code, 'co_qualname', code.co_name)[:300]


def stack_of(config, frame):
    return [
        {
            'function': function_of(one.f_code),
            'file': place(config, one.f_code.co_filename),
            'line': one.f_lineno or 0,
        }
        for one in frames_of(frame)
    ][:60]
