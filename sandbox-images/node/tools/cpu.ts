// biome-ignore-all lint/suspicious/noExplicitAny: profiles of the Inspector protocol
import type { InspectorSession } from './inspector-session.ts';
import { launch } from './program.ts';
import { fileOf, frameOf, isOwn, lineText } from './source-place.ts';
import { readArguments } from './tool-arguments.ts';

const intervalUs = 500;
const mostFunctions = 25;
const mostLines = 20;

/** Samples every thread until the program ends or the time is over. */
export async function cpu(words: readonly string[]) {
  const args = readArguments(words, ['seconds']);
  const profiles: any[] = [];
  const notes: string[] = [];
  const sessions = new Set<InspectorSession>();
  const pending = new Set<Promise<void>>();
  const stop = (session: InspectorSession): Promise<void> => {
    if (!sessions.delete(session)) return Promise.resolve();
    const stopping = session.send('Profiler.stop').then(
      ({ profile }) => void profiles.push(profile),
      () => void notes.push(`The profile of ${session.name} was lost: it ended before it could be read.`),
    );
    pending.add(stopping);
    return stopping;
  };
  const prepare = async (session: InspectorSession): Promise<void> => {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: intervalUs });
    await session.send('Profiler.start');
    sessions.add(session);
    session.beforeEnd = () => stop(session);
  };
  const program = launch(args.argv, prepare);
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(() => over.resolve(), args.number('seconds', 10, 120) * 1000);
  await Promise.race([program.ended, over.promise]);
  clearTimeout(timer);
  await Promise.all([...sessions].map(stop));
  await Promise.all(pending);
  const exit = await program.end();
  if (profiles.length === 0) notes.push('No Node process was sampled.');
  return { ...summarise(profiles), exit, output: program.output(), notes: notes.slice(0, 10) };
}

interface Spent {
  function: string;
  file: string;
  line: number;
  self: number;
  total: number;
}

/** Shares of the time in which something ran; several threads are added up. */
export function summarise(profiles: readonly any[]) {
  const functions = new Map<string, Spent>();
  const lines = new Map<string, { file: string; line: number; self: number }>();
  let seconds = 0;
  let busy = 0;
  for (const profile of profiles) {
    seconds = Math.max(seconds, (profile.endTime - profile.startTime) / 1e6);
    const nodes = new Map<number, any>(profile.nodes.map((node: any) => [node.id, node]));
    const walk = (root: any): void => {
      // With the functions above it, so that recursion counts once.
      const stack: { node: any; above: readonly string[] }[] = [{ node: root, above: [] }];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        const { node, above } = next;
        const { functionName, url, lineNumber } = node.callFrame;
        const runs = functionName !== '(idle)' && functionName !== '(root)' && functionName !== '(program)';
        const key = `${functionName} ${url}:${lineNumber}`;
        const self = runs ? node.hitCount : 0;
        busy += self;
        const path = runs && !above.includes(key) ? [...above, key] : above;
        if (runs) {
          const spent = functions.get(key) ?? {
            ...frameOf(functionName, url, lineNumber + 1),
            self: 0,
            total: 0,
          };
          spent.self += self;
          functions.set(key, spent);
          for (const one of path) {
            const caller = functions.get(one);
            if (caller !== undefined) caller.total += self;
          }
          for (const { line, ticks } of node.positionTicks ?? []) {
            if (url === '') continue;
            const place = `${url}:${line}`;
            const known = lines.get(place) ?? { file: fileOf(url), line, self: 0 };
            known.self += ticks;
            lines.set(place, known);
          }
        }
        for (const child of node.children ?? []) stack.push({ node: nodes.get(child), above: path });
      }
    };
    if (profile.nodes[0] !== undefined) walk(profile.nodes[0]);
  }
  const percent = (ticks: number): number =>
    busy === 0 ? 0 : Math.min(100, Number(((100 * ticks) / busy).toFixed(1)));
  return {
    seconds: Number(seconds.toFixed(2)),
    functions: [...functions.values()]
      .filter((one) => isOwn(one.file) || percent(one.self) >= 2)
      .sort((a, b) => b.self - a.self || b.total - a.total)
      .slice(0, mostFunctions)
      .map(({ self, total, ...frame }) => ({
        ...frame,
        selfPercent: percent(self),
        totalPercent: percent(total),
      })),
    lines: [...lines.values()]
      .filter((one) => percent(one.self) >= 1)
      .sort((a, b) => b.self - a.self)
      .slice(0, mostLines)
      .map(({ file, line, self }) => ({
        file,
        line,
        selfPercent: percent(self),
        text: lineText(file, line),
      })),
  };
}
