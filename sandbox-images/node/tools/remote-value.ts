// biome-ignore-all lint/suspicious/noExplicitAny: values of the Inspector protocol
import type { InspectorSession } from './inspector-session.ts';

const valueChars = 600;

/** A value as one would write it, shortened; objects as the runtime's own `util.inspect` shows them, which runs no getter. */
export async function sayValue(session: InspectorSession, remote: any): Promise<string> {
  if (remote === undefined) return 'undefined';
  if (remote.subtype === 'null') return 'null';
  if (remote.type === 'string') return JSON.stringify(clip(remote.value ?? '', valueChars));
  if (remote.objectId === undefined)
    return (
      remote.unserializableValue ??
      ('value' in remote ? String(remote.value) : (remote.description ?? remote.type))
    );
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: remote.objectId,
    functionDeclaration: "function () { return globalThis[Symbol.for('warroom.inspect')]?.(this); }",
    returnByValue: true,
    silent: true,
  });
  return clip(
    typeof result?.value === 'string' ? result.value : (remote.description ?? remote.type),
    valueChars,
  );
}

export function clip(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}
