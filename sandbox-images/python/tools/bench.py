"""The same command in several folders, in turn; every other round backwards, so that no variant is always the second."""

import subprocess
import time

from program import ArgumentProblem, Arguments


def bench(words):
    args = Arguments(words, ['runs', 'warmup', 'variant', 'seconds'])
    variants = []
    for text in args.all('variant')[:4] or ['here=.']:
        name, _, folder = text.partition('=')
        if not name or not folder:
            raise ArgumentProblem('--variant wants NAME=FOLDER')
        variants.append({'name': name, 'folder': folder, 'seconds': [], 'failed': 0})
    runs = round(args.number('runs', 20, 1_000))
    warm_up = round(args.number('warmup', 1, 20))
    until = time.monotonic() + args.number('seconds', 60, 600)
    notes, output = [], ''
    for number in range(-warm_up, runs):
        # A round is whole or it is not begun: variants keep the same number of runs.
        if time.monotonic() > until:
            notes.append(f'Time was over after {max(0, number)} of {runs} rounds.')
            break
        for variant in variants if number % 2 == 0 else reversed(variants):
            code, seconds, printed = once(args.argv, variant['folder'])
            if code != 0:
                variant['failed'] += 1
                output = printed
            elif number >= 0:
                variant['seconds'].append(seconds)
        if all(variant['failed'] > 2 and not variant['seconds'] for variant in variants):
            notes.append('The command fails.')
            break
    answered = [{key: variant[key] for key in ('name', 'seconds', 'failed')} for variant in variants]
    return {'variants': answered, 'output': output, 'notes': notes}


def once(argv, folder):
    started = time.perf_counter()
    try:
        done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as problem:
        return 127, 0, str(problem)
    seconds = time.perf_counter() - started
    return done.returncode, seconds, (done.stdout + done.stderr)[-4_000:].decode('utf-8', 'replace')
