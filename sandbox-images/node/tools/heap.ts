// biome-ignore-all lint/suspicious/noExplicitAny: profiles of the Inspector protocol
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type HeapGraph, readHeapGraph } from './heap-graph.ts';
import { type Growth, growthByHolder, growthByType } from './heap-growth.ts';
import type { InspectorSession } from './inspector-session.ts';
import { launch } from './program.ts';
import { fileOf, isOwn } from './source-place.ts';
import { readArguments } from './tool-arguments.ts';

const samplingBytes = 8_192;
const mostSnapshotBytes = 400 * 1024 * 1024;
const mostOfAKind = 12;
const soonMs = 400;

/** Looks at the heap of a main thread after a third of the time and at its end (or the program's), and says what grew. */
export async function heap(words: readonly string[]) {
  const args = readArguments(words, ['seconds']);
  const forMs = args.number('seconds', 6, 120) * 1000;
  const notes: string[] = [];
  const sessions: InspectorSession[] = [];
  let watched: InspectorSession | null = null;
  let before: Look | null = null;
  let after: Look | null = null;
  const finish = async (session: InspectorSession): Promise<void> => {
    if (session === watched) after ??= await look(session);
  };
  /** At the process that was started last: the others mostly wait for it. */
  const begin = async (): Promise<void> => {
    const latest = sessions.findLast((session) => !session.closed);
    if (latest === undefined) return;
    const first = await look(latest).catch(() => null);
    if (first !== null) [watched, before] = [latest, first];
  };
  const prepare = async (session: InspectorSession): Promise<void> => {
    if (!session.name.startsWith('main')) return;
    await session.send('Debugger.enable');
    await session.send('HeapProfiler.enable');
    await session.send('HeapProfiler.startSampling', { samplingInterval: samplingBytes });
    session.beforeEnd = () => finish(session);
    sessions.push(session);
  };
  const program = launch(args.argv, prepare);
  const over = program.ended.then(() => true);
  // The first look is all there is of a program that ends soon; before its code runs there can be none.
  for (const part of [soonMs, forMs / 3 - soonMs])
    if (!(await Promise.race([over, wait(part, false)]))) await begin();
  if (!(await Promise.race([over, wait((forMs * 2) / 3, false)])) && watched !== null)
    await finish(watched).catch(() => undefined);
  const exit = await program.end();
  const [then, now, session] = [
    before as Look | null,
    after as Look | null,
    watched as InspectorSession | null,
  ];
  if (then === null || now === null || session === null) {
    notes.push('The heap could not be read twice: no Node process was there, or it ended too early.');
    return { grew: [], rssBefore: 0, rssAfter: 0, exit, output: program.output(), notes };
  }
  return {
    grew: compare(then, now, session.scripts),
    rssBefore: then.rss,
    rssAfter: now.rss,
    exit,
    output: program.output(),
    notes,
  };
}

interface Look {
  readonly graph: HeapGraph;
  readonly sites: Map<string, Growth>;
  readonly rss: number;
}

async function look(session: InspectorSession): Promise<Look> {
  const { result } = await session.send(
    'Runtime.evaluate',
    { expression: 'process.memoryUsage.rss()', returnByValue: true },
    60_000,
  );
  const chunks: string[] = [];
  let bytes = 0;
  const collect = ({ chunk }: { chunk: string }): void => {
    bytes += chunk.length;
    if (bytes <= mostSnapshotBytes) chunks.push(chunk);
  };
  session.collect = collect;
  // It collects garbage first: what is counted is what something holds.
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false }, 60_000);
  if (bytes > mostSnapshotBytes) throw new Error('the heap is too large to be read');
  const graph = readHeapGraph(chunks.join(''));
  const { profile } = await session.send('HeapProfiler.getSamplingProfile', {}, 60_000);
  return { graph, sites: sitesOf(profile.head), rss: result.value };
}

/** Bytes that still live, by the function that asked for them. */
function sitesOf(head: any): Map<string, Growth> {
  const sites = new Map<string, Growth>();
  const todo = [head];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    todo.push(...node.children);
    const { functionName, url, lineNumber } = node.callFrame;
    if (node.selfSize === 0 || !isOwn(fileOf(url))) continue;
    const name = `${functionName || '(top level)'}`;
    const key = `${name} ${url}:${lineNumber}`;
    const known = sites.get(key) ?? { name, file: fileOf(url), line: lineNumber + 1, count: 0, bytes: 0 };
    known.bytes += node.selfSize;
    sites.set(key, known);
  }
  return sites;
}

function compare(before: Look, after: Look, scripts: ReadonlyMap<string, string>) {
  const none: Growth = { name: '', count: 0, bytes: 0 };
  const grown = (
    kind: 'type' | 'site' | 'retainer',
    was: ReadonlyMap<string, Growth>,
    is: ReadonlyMap<string, Growth>,
  ) =>
    [...is]
      .map(([key, now]) => ({ now, old: was.get(key) ?? none }))
      .filter(({ now, old }) => now.bytes > old.bytes)
      .sort((a, b) => b.now.bytes - b.old.bytes - (a.now.bytes - a.old.bytes))
      .slice(0, mostOfAKind)
      .map(({ now, old }) => ({
        kind,
        name: now.name.slice(0, 590),
        ...(now.file === undefined ? {} : { file: now.file }),
        ...(now.line === undefined ? {} : { line: now.line }),
        countBefore: old.count,
        countAfter: now.count,
        bytesBefore: old.bytes,
        bytesAfter: now.bytes,
      }));
  const holders = growthByHolder(before.graph, after.graph, scripts, declaredAt);
  return [
    ...grown('retainer', holders.before, holders.after),
    ...grown('type', growthByType(before.graph), growthByType(after.graph)),
    ...grown('site', before.sites, after.sites),
  ];
}

/** Line of the source on which a variable or field of that name gets its value first. */
function declaredAt(url: string, name: string): number | undefined {
  try {
    const lines = readFileSync(new URL(url), 'utf8').split('\n');
    const word = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const declares = new RegExp(
      `(?:\\b(?:const|let|var|static|this\\.)\\s*|^\\s*)${word}\\s*(?::[^=]+)?=[^=]`,
    );
    const found = lines.findIndex((line) => declares.test(line));
    return found < 0 ? undefined : found + 1;
  } catch {
    return undefined;
  }
}
