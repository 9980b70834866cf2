"""Tasks of asyncio, where the program uses it."""

import asyncio

from .report import function_of, place

_ABOUT = 'something outside of its loop, or a future that no task has'


def record_owners():
    """asyncio's locks do not know who holds them."""
    acquire, release = asyncio.Lock.acquire, asyncio.Lock.release

    async def acquire_and_tell(self):
        got = await acquire(self)
        self._warroom_owner = asyncio.current_task()
        return got

    def release_and_tell(self):
        self._warroom_owner = None
        release(self)

    asyncio.Lock.acquire, asyncio.Lock.release = acquire_and_tell, release_and_tell


def read_tasks(config):
    """@returns tasks as threads, and by name what each waits for: (name of another task, words)"""
    tasks = all_tasks()
    names = {task: f'task {task.get_name()}' for task in tasks}
    shown, waits = [], {}
    for task in tasks:
        frames = coroutine_frames(task.get_coro())
        words, owner = wait_of(task, frames, names)
        one = {
            'name': names[task][:200],
            'state': 'waiting' if task._fut_waiter is not None else 'ready',
            'stack': [
                {'function': function_of(code), 'file': place(config, code.co_filename), 'line': line or 0}
                for code, line, _ in frames
            ][:60],
        }
        if words:
            one['waitsFor'] = words[:600]
        if owner is not None:
            waits[names[task]] = (owner, words)
        shown.append(one)
    return shown, waits


def all_tasks():
    """Of all loops: this is asked from outside of them."""
    scheduled = getattr(asyncio.tasks, '_all_tasks', None) or getattr(asyncio.tasks, '_scheduled_tasks', ())
    return [task for task in list(scheduled) if not task.done()]


def coroutine_frames(coroutine):
    """Innermost first."""
    frames = []
    while coroutine is not None and getattr(coroutine, 'cr_frame', None) is not None:
        frames.append((coroutine.cr_code, coroutine.cr_frame.f_lineno, coroutine.cr_frame))
        coroutine = coroutine.cr_await
    return frames[::-1]


def wait_of(task, frames, names):
    future = task._fut_waiter
    if future is None:
        return None, None
    if future in names:
        return f'the end of {names[future]}', names[future]
    for _, _, frame in frames:
        lock = frame.f_locals.get('self')
        if isinstance(lock, asyncio.Lock) and future in (lock._waiters or ()):
            name = next(
                (
                    f' "{key}"'
                    for _, _, outer in frames
                    for scope in (outer.f_locals, outer.f_globals)
                    for key, value in list(scope.items())
                    if value is lock and key != 'self'
                ),
                '',
            )
            owner = names.get(getattr(lock, '_warroom_owner', None))
            return (f'lock{name}', None) if owner is None else (f'lock{name}, held by {owner}', owner)
    return _ABOUT, None
