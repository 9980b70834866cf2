"""What each verb asks of the probe, and what it answers when no probe said anything."""

import os

from program import ArgumentProblem, Arguments, run_probed

# Seconds that a program may take to its own first line, on top of those that it is then left alone.
START_UP = 10
NO_PROBE = 'No Python process of the command said anything: it ran none, or it ended without its usual exit.'


def debug(words):
    args = Arguments(words, ['break', 'when', 'eval', 'hits', 'seconds'])
    places = [place_of(text) for text in args.all('break')]
    if not places:
        raise ArgumentProblem('--break FILE:LINE is missing')
    notes = []
    breaks = [executable_place(path, line, notes) for path, line in places]
    probe = {
        'verb': 'debug',
        'breaks': breaks,
        'when': (args.all('when') or [None])[-1],
        'evals': args.all('eval')[:20],
        'hits': int(args.number('hits', 3, 50)),
    }
    return answer(run_probed(args.argv, probe, args.number('seconds', 30, 600)), {'hits': []}, notes)


def stacks(words):
    args = Arguments(words, ['after', 'seconds'])
    after = args.number('after', args.number('seconds', 5, 600), 600)
    return answer(run_probed(args.argv, {'verb': 'stacks'}, after, START_UP), {'threads': [], 'cycles': []}, [])


def cpu(words):
    args = Arguments(words, ['seconds'])
    empty = {'seconds': 0, 'functions': [], 'lines': []}
    return answer(run_probed(args.argv, {'verb': 'cpu'}, args.number('seconds', 10, 600)), empty, [])


def heap(words):
    args = Arguments(words, ['seconds'])
    empty = {'grew': [], 'rssBefore': 0, 'rssAfter': 0}
    return answer(run_probed(args.argv, {'verb': 'heap'}, args.number('seconds', 10, 600)), empty, [])


def answer(ended, empty, notes):
    said = ended.answers[0]['result'] if ended.answers else {**empty, 'notes': [NO_PROBE]}
    if len(ended.answers) > 1:
        notes = [*notes, f'{len(ended.answers)} Python processes ran; this is the busiest.']
    return {**said, **ended.common, 'notes': [*notes, *said.get('notes', [])][:20]}


def place_of(text):
    path, _, line = text.rpartition(':')
    if not path or not line.isdigit():
        raise ArgumentProblem(f'--break wants FILE:LINE, not {text}')
    return os.path.realpath(path), int(line)


def executable_place(path, line, notes):
    """The line itself, or the next one that does something."""
    try:
        with open(path, 'rb') as file:
            source = file.read()
        lines = sorted(lines_of(compile(source, path, 'exec', dont_inherit=True)))
    except (OSError, SyntaxError, ValueError) as problem:
        raise ArgumentProblem(f'{path} cannot be read as Python: {problem}') from problem
    at = next((one for one in lines if one >= line), None)
    if at is None:
        raise ArgumentProblem(f'{path} has no code at line {line} or below')
    if at != line:
        notes.append(f'Line {line} has no code of its own; the breakpoint is at line {at}.')
    return [path, at]


def lines_of(code):
    yield from (line for _, _, line in code.co_lines() if line)
    for constant in code.co_consts:
        if hasattr(constant, 'co_lines'):
            yield from lines_of(constant)
