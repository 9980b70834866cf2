import type { Edge } from './find-cycles.ts';
import type { InspectorSession } from './inspector-session.ts';
import { fileOf } from './source-place.ts';

interface RecordedFrame {
  readonly function: string;
  readonly url: string;
  readonly line: number;
}

/** Of one thread: places of shared memory that it waits at and those that it has set from 0 to something and not back. */
export interface AtomicState {
  readonly thread: string;
  readonly waiting: {
    readonly place: string;
    readonly what: string;
    readonly stack: readonly RecordedFrame[];
  } | null;
  readonly held: readonly { readonly place: string; readonly stack: readonly RecordedFrame[] }[];
  /** For the place that it waits at: the thread that holds it, and where it took it. */
  holder?: { thread: string; stack: readonly RecordedFrame[] };
}

const mark = 0x5eed;

/** Shared memory has no name that two threads agree on: what is written at a place in one is read in the others. */
export async function readAtomics(sessions: readonly InspectorSession[]): Promise<AtomicState[]> {
  const states: { session: InspectorSession; state: AtomicState }[] = [];
  for (const session of sessions) {
    const said = await ask(session, 'JSON.stringify(waits.atomics())');
    if (typeof said === 'string')
      states.push({ session, state: { ...JSON.parse(said), thread: session.name } });
  }
  for (const { session, state } of states) {
    if (state.waiting === null) continue;
    const place = JSON.stringify(state.waiting.place);
    const was = await ask(session, `waits.peek(${place})`);
    if (typeof was !== 'number') continue;
    await ask(session, `waits.poke(${place}, ${mark})`);
    for (const other of states) {
      if (other.session === session) continue;
      for (const held of other.state.held)
        if ((await ask(other.session, `waits.peek(${JSON.stringify(held.place)})`)) === mark)
          state.holder = { thread: other.session.name, stack: held.stack };
    }
    await ask(session, `waits.poke(${place}, ${was})`);
  }
  return states.map(({ state }) => state);
}

export function sayAtomics(states: readonly AtomicState[]): { waitsFor: Map<string, string>; edges: Edge[] } {
  const waitsFor = new Map<string, string>();
  const edges: Edge[] = [];
  for (const { thread, waiting, holder } of states) {
    if (waiting === null) continue;
    const at = placeOf(waiting.stack);
    const what = `${waiting.what} of shared memory`;
    const taken = holder && `${holder.thread}, which took it at ${placeOf(holder.stack)}`;
    waitsFor.set(thread, `${what}, at ${at}${taken === undefined ? '' : `; held by ${taken}`}`.slice(0, 590));
    if (holder !== undefined)
      edges.push({ from: thread, to: holder.thread, says: `waits at ${at} for ${what}, which` });
  }
  return { waitsFor, edges };
}

/** The lock's own function is named, the line is that of its caller where there is one. */
function placeOf(stack: readonly RecordedFrame[]): string {
  return stack
    .slice(0, 3)
    .map((frame) => `${fileOf(frame.url)}:${frame.line}`)
    .join(' ← ');
}

async function ask(session: InspectorSession, expression: string): Promise<unknown> {
  try {
    const { result } = await session.send(
      'Runtime.evaluate',
      {
        expression: `(() => { const waits = globalThis[Symbol.for('warroom.waits')]; return ${expression}; })()`,
        returnByValue: true,
      },
      1_500,
    );
    return result.value;
  } catch {
    return undefined;
  }
}
