// biome-ignore-all lint/suspicious/noExplicitAny: values of the Inspector protocol
import { setTimeout as wait } from 'node:timers/promises';
import { type AsyncWait, type Lock, placeLocks, readAwaits, sayAwaits } from './async-waits.ts';
import { type AtomicState, readAtomics, sayAtomics } from './atomic-waits.ts';
import { findCycles } from './find-cycles.ts';
import type { InspectorSession } from './inspector-session.ts';
import { type Exit, launch } from './program.ts';
import { type Frame, frameOf, ownFrames } from './source-place.ts';
import { readArguments } from './tool-arguments.ts';

export interface Thread {
  name: string;
  state: string;
  waitsFor?: string;
  stack: Frame[];
}

interface Look {
  readonly threads: Thread[];
  readonly awaits: readonly AsyncWait[];
  readonly atomics: readonly AtomicState[];
  readonly exit: Exit;
  readonly output: string;
}

/**
 * What every thread does after some seconds, and who waits for whom. Awaits are known from the first run; on which lock each
 * stands only from a second one with marks in the functions that they stand in.
 */
export async function stacks(words: readonly string[]) {
  const args = readArguments(words, ['after']);
  const afterMs = args.number('after', 3, 60) * 1000;
  let look = await run(args.argv, afterMs, []);
  const notes: string[] = [];
  const locks = placeLocks(look.awaits);
  if (locks.length > 0) {
    const again = await run(args.argv, afterMs, locks);
    if (again.awaits.length > 0) look = again;
    else notes.push('Run a second time, nothing waited: it depends on timing.');
  }
  const awaits = sayAwaits(look.awaits);
  const atomics = sayAtomics(look.atomics);
  for (const thread of look.threads) {
    const waitsFor = atomics.waitsFor.get(thread.name);
    if (waitsFor !== undefined) Object.assign(thread, { state: 'waiting', waitsFor });
  }
  const cycles = [...findCycles(atomics.edges), ...findCycles(awaits.edges)];
  return {
    threads: [...look.threads, ...awaits.threads].slice(0, 150),
    cycles: cycles.slice(0, 20),
    exit: look.exit,
    output: look.output,
    notes,
  };
}

async function run(argv: readonly string[], afterMs: number, locks: readonly Lock[]): Promise<Look> {
  const sessions: InspectorSession[] = [];
  let startedAt = Number.POSITIVE_INFINITY;
  const program = launch(
    argv,
    async (session) => {
      sessions.push(session);
      startedAt = Date.now();
      await session.send('Debugger.enable');
      for (const lock of locks)
        await session.send('Debugger.setBreakpointByUrl', {
          url: lock.url,
          lineNumber: lock.line - 1,
          columnNumber: lock.column,
          // An arrow function has neither of its own.
          condition: `globalThis[Symbol.for('warroom.waits')].enter(typeof this === 'undefined' ? undefined : this, typeof arguments === 'undefined' ? undefined : arguments)`,
        });
    },
    { WARROOM_TOOL_WAITS: '1' },
  );
  const over = program.ended.then(() => true);
  const until = Date.now() + 3 * afterMs;
  // Counted from the thread that was started last: on a busy machine even a start takes its time.
  for (let leftMs = afterMs; leftMs > 0; leftMs = Math.min(startedAt + afterMs, until) - Date.now())
    if (await Promise.race([over, wait(leftMs, false)])) break;
  const threads: Thread[] = [];
  const awaits: AsyncWait[] = [];
  const atomics: AtomicState[] = [];
  for (const session of sessions) {
    if (session.closed) continue;
    threads.push(await readThread(session));
    awaits.push(...(await readAwaits(session)));
  }
  // Last: it writes into the shared memory.
  if (threads.length > 1) atomics.push(...(await readAtomics(sessions.filter((session) => !session.closed))));
  return { threads, awaits, atomics, exit: await program.end(), output: program.output() };
}

/** An evaluation lands on top of whatever the thread does, also of a wait: the frames under it are its stack. */
async function readThread(session: InspectorSession): Promise<Thread> {
  const paused = new Promise<any>((resolve) => session.on('Debugger.paused', resolve));
  try {
    await session.send('Debugger.pause', {}, 1_500);
    session.send('Runtime.evaluate', { expression: '0' }, 60_000).catch(() => undefined);
    const state = await Promise.race([paused, wait(1_500)]);
    if (state === undefined) return blocked(session);
    const frames: Frame[] = state.callFrames
      .map((frame: any) =>
        frameOf(
          frame.functionName,
          session.scripts.get(frame.location.scriptId) ?? '',
          frame.location.lineNumber + 1,
        ),
      )
      .filter((frame: Frame) => frame.file !== '' && !frame.file.includes('record-waits.cjs'));
    await session.send('Debugger.resume', {}, 1_500).catch(() => undefined);
    return {
      name: session.name,
      state: frames.length === 0 ? 'idle' : 'running',
      stack: ownFrames(frames),
    };
  } catch {
    return blocked(session);
  }
}

function blocked(session: InspectorSession): Thread {
  return { name: session.name, state: 'blocked in a call of the system', stack: [] };
}
