"""coverage.py over a command of Python, and its JSON of the files that were asked for."""

import os
import shutil
import subprocess
import sys
import tempfile

from program import ArgumentProblem, Arguments, tail

MOST_BYTES = 390_000


def cover(words):
    args = Arguments(words, ['file', 'seconds'])
    folder = tempfile.mkdtemp(prefix='warroom-cover-')
    try:
        data = os.path.join(folder, 'data')
        log_path = os.path.join(folder, 'output')
        files = ','.join(os.path.realpath(name) for name in args.all('file'))
        command = [sys.executable, '-m', 'coverage', 'run', '--data-file', data, '--include', files]
        notes = []
        with open(log_path, 'wb') as log:
            try:
                done = subprocess.run(
                    [*command, *as_module(args.argv)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=args.number('seconds', 60, 600),
                    check=False,
                )
                exit_ = {'code': done.returncode if done.returncode >= 0 else None, 'signal': None}
            except subprocess.TimeoutExpired:
                exit_ = {'code': None, 'signal': None}
                notes.append('The command was ended when its time was over.')
        report = os.path.join(folder, 'report.json')
        subprocess.run(
            [sys.executable, '-m', 'coverage', 'json', '-q', '--data-file', data, '-o', report],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        reports = []
        if not os.path.exists(report):
            notes.append('Nothing of these files ran.')
        elif os.path.getsize(report) > MOST_BYTES:
            notes.append('There is more coverage than fits: it is left out.')
        else:
            with open(report, encoding='utf-8') as file:
                reports.append({'format': 'coverage.py', 'text': file.read()})
        return {'reports': reports, 'exit': exit_, 'output': tail(log_path), 'notes': notes}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_module(argv):
    """What coverage.py shall run: a script or a module, whatever the name of the interpreter."""
    name = os.path.basename(argv[0])
    if name.startswith('python'):
        return argv[1:]
    if name in ('pytest', 'py.test', 'pytest-3'):
        return ['-m', 'pytest', *argv[1:]]
    found = shutil.which(argv[0])
    if found is None:
        raise ArgumentProblem(f'there is no {argv[0]}')
    return [found, *argv[1:]]
