import type { Edge } from './find-cycles.ts';
import type { InspectorSession } from './inspector-session.ts';
import { type Frame, fileOf, frameOf, isOwn } from './source-place.ts';

interface RecordedFrame {
  readonly function: string;
  readonly type: string;
  readonly url: string;
  readonly line: number;
  readonly functionLine: number;
  readonly functionColumn: number;
}

/** One `await` (or other promise) that is not settled, and the locks that its call of an async function has asked for. */
export interface AsyncWait {
  readonly id: number;
  readonly stack: readonly RecordedFrame[];
  readonly instance: number;
  /** Where this call of the async function came from. */
  readonly from: readonly RecordedFrame[];
  readonly done: boolean;
  readonly locks: readonly { readonly key: string; readonly caller: RecordedFrame }[];
  /** Earlier ones of the same call, done or not. */
  readonly history: readonly AsyncWait[];
}

/** Where a function that is awaited begins: a mark there sees on which object it is called. */
export interface Lock {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

const mostMarks = 12;

export async function readAwaits(session: InspectorSession): Promise<AsyncWait[]> {
  try {
    const { result } = await session.send('Runtime.evaluate', {
      expression: `(() => {
        const waits = globalThis[Symbol.for('warroom.waits')];
        const awaits = waits.awaits();
        return JSON.stringify({ awaits, history: waits.of(awaits.map((one) => one.instance)) });
      })()`,
      returnByValue: true,
    });
    const { awaits, history } = JSON.parse(result.value) as { awaits: AsyncWait[]; history: AsyncWait[] };
    return awaits
      .filter((one) => one.stack.some((frame) => isOwn(fileOf(frame.url))))
      .map((one) => ({ ...one, history: history.filter((other) => other.instance === one.instance) }));
  } catch {
    return [];
  }
}

/** Functions in which something waits and that were called by other own code: what hands out locks is among them. */
export function placeLocks(awaits: readonly AsyncWait[]): Lock[] {
  const found = new Map<string, Lock>();
  for (const { stack } of awaits) {
    const [top, caller] = stack;
    if (top === undefined || caller === undefined || top.functionLine === 0 || !isOwn(fileOf(top.url)))
      continue;
    const lock = { url: top.url, line: top.functionLine, column: Math.max(0, top.functionColumn - 1) };
    found.set(`${lock.url}:${lock.line}:${lock.column}`, lock);
  }
  return [...found.values()].slice(0, mostMarks);
}

/**
 * One thread for each call of an async function that does not go on. It waits for the lock that it asked for last; that is
 * taken to be held by a call that asked for it earlier, went on, and has not ended.
 */
export function sayAwaits(awaits: readonly AsyncWait[]): {
  threads: { name: string; state: string; waitsFor?: string; stack: Frame[] }[];
  edges: Edge[];
} {
  const calls = new Map<number, AsyncWait>();
  for (const one of awaits) {
    // The innermost wait of a call says where it stands; what it asked of a lock is the wait with the lock.
    const known = calls.get(one.instance);
    if (known === undefined || one.locks.length > 0 || (known.locks.length === 0 && one.id > known.id))
      calls.set(one.instance, one);
  }
  const nameOf = (one: AsyncWait): string => {
    const [top] = one.stack;
    const [from] = one.from;
    const began = from === undefined ? '' : `, called at ${fileOf(from.url)}:${from.line}`;
    const alike = [...calls.values()].filter(
      (other) =>
        other.locks.length > 0 === one.locks.length > 0 && other.stack[0]?.function === top?.function,
    );
    const number = alike.length > 1 ? ` #${alike.indexOf(one) + 1}` : '';
    return `${top?.function || '(anonymous)'}${number}${began}`;
  };
  const holders = new Map<string, { by: AsyncWait; at: RecordedFrame }[]>();
  for (const one of calls.values())
    for (const past of one.history)
      if (past.done || past.id !== one.id)
        for (const lock of past.locks)
          holders.set(lock.key, [...(holders.get(lock.key) ?? []), { by: one, at: lock.caller }]);
  const edges: Edge[] = [];
  const said = new Set<string>();
  const telling = [...calls.values()]
    // The promise that an async function returns is made where it begins: its awaits say more.
    .filter((one) => one.locks.length > 0 || one.stack[0]?.line !== one.stack[0]?.functionLine)
    .sort((a, b) => b.locks.length - a.locks.length || a.id - b.id)
    .filter((one) => {
      const place = one.stack.map((frame) => `${frame.url}:${frame.line}`).join(' ');
      const again = said.has(place) && one.locks.length === 0;
      said.add(place);
      return !again;
    });
  const threads = telling.map((one) => {
    const lock = one.locks.at(-1);
    const holder = lock && (holders.get(lock.key) ?? []).find(({ by }) => by.instance !== one.instance);
    const stack = one.stack.map((frame) => frameOf(frame.function, frame.url, frame.line));
    if (lock === undefined) return { name: nameOf(one), state: 'awaiting', stack };
    const at = `${fileOf(lock.caller.url)}:${lock.caller.line}`;
    const held =
      holder &&
      `${nameOf(holder.by)} took it at ${fileOf(holder.at.url)}:${holder.at.line} and has not ended`;
    if (holder !== undefined)
      edges.push({ from: nameOf(one), to: nameOf(holder.by), says: `waits at ${at} for ${lock.key}, which` });
    const waitsFor = `${lock.key}, asked for at ${at}${held === undefined ? '' : `; ${held}`}`;
    return { name: nameOf(one), state: 'awaiting', waitsFor: waitsFor.slice(0, 590), stack };
  });
  return { threads: threads.map((one) => ({ ...one, name: one.name.slice(0, 190) })), edges };
}
