"""The program under test: started with our probe in each of its Python processes, and ended with all its children."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

KEPT_OUTPUT = 7_500
LOOK_EVERY = 0.02
# Between the moment that a probe should answer and the moment that we stop waiting for it.
GRACE = 6


class ArgumentProblem(Exception):
    pass


class Arguments:
    """`[--name value]... -- argv...`: any option may come more than once."""

    def __init__(self, words, names):
        if '--' not in words or words[-1] == '--':
            raise ArgumentProblem('the command comes after --')
        split = words.index('--')
        self.argv = words[split + 1 :]
        self.options = {}
        options = words[:split]
        for at in range(0, len(options), 2):
            name = options[at][2:] if options[at].startswith('--') else ''
            if name not in names or at + 1 >= len(options):
                raise ArgumentProblem(f'{options[at]} is not an option with a value; there are --{", --".join(names)}')
            self.options.setdefault(name, []).append(options[at + 1])

    def all(self, name):
        return self.options.get(name, [])

    def number(self, name, fallback, most):
        said = self.all(name)[-1:]
        if not said:
            return fallback
        try:
            value = float(said[0])
        except ValueError:
            value = 0
        if not value > 0:
            raise ArgumentProblem(f'--{name} wants a number above 0')
        return min(value, most)


class Ended:
    def __init__(self, answers, exit_, output):
        # Of each process, the one with most to say first.
        self.answers = answers
        self.common = {'exit': exit_, 'output': output, 'notes': []}


def run_probed(argv, probe, seconds, start_up=0):
    """Runs argv until it ends, until a probe says that it is done, or until `seconds`, and what its start may take, are over."""
    folder = tempfile.mkdtemp(prefix='warroom-tool-')
    here = os.path.dirname(os.path.abspath(__file__))
    probe = {**probe, 'folder': folder, 'root': os.getcwd(), 'until': time.time() + seconds, 'seconds': seconds}
    path = [os.path.join(here, 'inject'), os.environ.get('PYTHONPATH', '')]
    env = {**os.environ, 'WARROOM_PROBE': json.dumps(probe), 'PYTHONPATH': os.pathsep.join(filter(None, path))}
    log_path = os.path.join(folder, 'output')
    try:
        with open(log_path, 'wb') as log:
            try:
                child = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True
                )
            except OSError as problem:
                return Ended([], {'code': 127, 'signal': None}, str(problem))
        exit_ = wait(child, folder, time.monotonic() + seconds + start_up)
        answers = sorted(read_answers(folder), key=lambda answer: -answer['weight'])
        return Ended(answers, exit_, tail(log_path))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait(child, folder, until):
    while child.poll() is None:
        now = time.monotonic()
        answers = read_answers(folder) if now < until + GRACE else None
        if answers is None or any(answer['done'] for answer in answers):
            break
        time.sleep(LOOK_EVERY)
    code = child.poll()
    kill_group(child.pid)
    child.wait()
    if code is None:
        return {'code': None, 'signal': None}
    if code < 0:
        return {'code': None, 'signal': signal.Signals(-code).name}
    return {'code': code, 'signal': None}


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def read_answers(folder):
    answers = []
    for name in os.listdir(folder):
        if name.endswith('.json'):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                answers.append(json.load(file))
    return answers


def tail(path):
    with open(path, 'rb') as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - KEPT_OUTPUT))
        return file.read().decode('utf-8', 'replace')[-KEPT_OUTPUT:]
