import type { GraphCall, GraphChart } from '../../domain/chart.ts';
import type { TraceRow } from './read-evidence.ts';
import { sayValue } from './say-numbers.ts';

export interface GraphScene {
  readonly rows: readonly TraceRow[];
  /** From the blamed service to the one that alerted. */
  readonly path: readonly string[];
  readonly alerted: readonly string[];
}

/** Who calls whom, and along which calls the failure travelled; null when no call of the path was seen. */
export function tellGraph({ rows, path, alerted }: GraphScene): GraphChart | null {
  const blamed = path[0];
  if (blamed === undefined || path.length < 2) return null;
  const calls = new Map<string, GraphCall>();
  for (const { edges, seconds } of rows)
    for (const edge of edges) {
      const key = `${edge.caller}\n${edge.callee}`;
      // The same call is in the rows of both its ends.
      if (calls.has(key) || edge.caller === edge.callee || edge.calls === 0) continue;
      const at = path.indexOf(edge.callee);
      calls.set(key, {
        caller: edge.caller,
        callee: edge.callee,
        perSecond: seconds == null ? null : Number((edge.calls / seconds.after).toPrecision(3)),
        errors: edge.errors,
        errorsBefore: edge.errorsBefore,
        blamed: at !== -1 && path[at + 1] === edge.caller,
      });
    }
  const sorted = [...calls.values()].toSorted(
    (a, b) => a.caller.localeCompare(b.caller, 'en') || a.callee.localeCompare(b.callee, 'en'),
  );
  const travelled = sorted.filter((call) => call.blamed);
  const first = travelled.find((call) => call.callee === blamed) ?? travelled[0];
  if (first === undefined) return null;
  const names = [...new Set(sorted.flatMap((call) => [call.caller, call.callee]))].toSorted();
  const victim = path.at(-1) ?? blamed;
  return {
    kind: 'graph',
    title: `${victim} suffers from ${blamed}`,
    subtitle: `Calls that fail on that way: ${percent(first.errorsBefore)} before, ${percent(first.errors)} now`,
    services: names.map((name) => ({
      name,
      role: name === blamed ? 'blamed' : alerted.includes(name) ? 'alerted' : 'other',
    })),
    calls: sorted,
  };
}

function percent(share: number): string {
  return sayValue(share, 'share');
}
