// biome-ignore-all lint/suspicious/noExplicitAny: events of the Inspector protocol
import type { InspectorSession } from './inspector-session.ts';
import { launch } from './program.ts';
import { clip, sayValue } from './remote-value.ts';
import { absolute, type Frame, fileOf, frameOf, ownFrames } from './source-place.ts';
import { readArguments } from './tool-arguments.ts';

interface Hit {
  location: { file: string; line: number };
  thread: string;
  stack: Frame[];
  locals: Record<string, string>;
  values: Record<string, string>;
}

const mostLocals = 40;

/** Stops at lines, reads what stands there, goes on; ends the program when it has seen enough. */
export async function debug(words: readonly string[]) {
  const args = readArguments(words, ['break', 'when', 'eval', 'hits', 'seconds']);
  const breaks = (args.options['break'] ?? []).map(readPlace);
  if (breaks.length === 0) throw new Error('--break FILE:LINE is missing');
  const wanted = { hits: args.number('hits', 3, 50), evaluate: args.options['eval'] ?? [] };
  const when = args.options['when']?.at(-1);
  const hits: Hit[] = [];
  const loaded = new Set<string>();
  const bound = new Set<string>();
  const enough = Promise.withResolvers<void>();

  const prepare = async (session: InspectorSession): Promise<void> => {
    session.on('Debugger.scriptParsed', ({ url }) => {
      const file = fileOf(url);
      for (const place of breaks) if (absolute(file) === absolute(place.file)) loaded.add(place.file);
    });
    const ours = new Map<string, { file: string; line: number }>();
    session.on('Debugger.breakpointResolved', ({ breakpointId }) =>
      bound.add(nameOf(ours.get(breakpointId))),
    );
    session.on('Debugger.paused', (paused) => {
      if (paused.reason === 'Break on start') return;
      const take = async (): Promise<void> => {
        if (hits.length < wanted.hits && (paused.hitBreakpoints ?? []).length > 0)
          hits.push(await readHit(session, paused, wanted.evaluate));
        if (hits.length >= wanted.hits) enough.resolve();
        else await session.send('Debugger.resume');
      };
      take().catch(() => enough.resolve());
    });
    await session.send('Debugger.enable');
    await session.send('Debugger.setAsyncCallStackDepth', { maxDepth: 8 });
    for (const place of breaks) {
      const { breakpointId, locations } = await session.send('Debugger.setBreakpointByUrl', {
        urlRegex: `^(file://)?${literal(absolute(place.file))}(\\?.*)?$`,
        lineNumber: place.line - 1,
        ...(when === undefined ? {} : { condition: when }),
      });
      ours.set(breakpointId, place);
      if (locations.length > 0) bound.add(nameOf(place));
    }
  };

  const program = launch(args.argv, prepare);
  const timer = setTimeout(() => enough.resolve(), args.number('seconds', 20, 120) * 1000);
  await Promise.race([enough.promise, program.ended]);
  clearTimeout(timer);
  const exit = await program.end();
  const notes = breaks.flatMap((place) => {
    if (hits.some((hit) => hit.location.file === fileOf(absolute(place.file)))) return [];
    if (!loaded.has(place.file)) return [`${place.file} was never loaded.`];
    if (!bound.has(nameOf(place))) return [`${nameOf(place)} has no code to stop at.`];
    return [`${nameOf(place)} was not reached${when === undefined ? '' : ' with the condition true'}.`];
  });
  return { hits, exit, output: program.output(), notes };
}

async function readHit(session: InspectorSession, paused: any, expressions: readonly string[]): Promise<Hit> {
  const [top] = paused.callFrames;
  const locals: Record<string, string> = {};
  for (const scope of top.scopeChain) {
    if (!['local', 'block', 'closure', 'catch', 'module'].includes(scope.type)) continue;
    const { result } = await session.send('Runtime.getProperties', {
      objectId: scope.object.objectId,
      ownProperties: true,
    });
    for (const { name, value } of result) {
      if (Object.keys(locals).length >= mostLocals) break;
      if (
        value !== undefined &&
        value.type !== 'function' &&
        !Object.hasOwn(locals, name) &&
        name !== 'arguments'
      )
        locals[clip(name, 180)] = await sayValue(session, value);
    }
    if (scope.type === 'local' && top.this?.type === 'object' && top.this.subtype !== 'null')
      locals['this'] ??= await sayValue(session, top.this);
  }
  const values: Record<string, string> = {};
  for (const expression of expressions) {
    const { result, exceptionDetails } = await session.send('Debugger.evaluateOnCallFrame', {
      callFrameId: top.callFrameId,
      expression,
      silent: true,
      timeout: 2_000,
    });
    values[expression] =
      exceptionDetails === undefined
        ? await sayValue(session, result)
        : `throws: ${clip(exceptionDetails.exception?.description?.split('\n')[0] ?? exceptionDetails.text, 300)}`;
  }
  const stack = paused.callFrames.map((frame: any) =>
    frameOf(
      frame.functionName,
      session.scripts.get(frame.location.scriptId) ?? '',
      frame.location.lineNumber + 1,
    ),
  );
  for (let parent = paused.asyncStackTrace; parent !== undefined; parent = parent.parent)
    for (const frame of parent.callFrames)
      stack.push(frameOf(`async ${frame.functionName}`, frame.url, frame.lineNumber + 1));
  return {
    location: {
      file: fileOf(session.scripts.get(top.location.scriptId) ?? ''),
      line: top.location.lineNumber + 1,
    },
    thread: session.name,
    stack: ownFrames(stack),
    locals,
    values,
  };
}

function readPlace(text: string): { file: string; line: number } {
  const found = /^(.+):(\d+)$/.exec(text);
  if (found === null) throw new Error(`--break wants FILE:LINE, not ${text}`);
  return { file: found[1] ?? '', line: Number(found[2]) };
}

function nameOf(place: { file: string; line: number } | undefined): string {
  return place === undefined ? '' : `${place.file}:${place.line}`;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
