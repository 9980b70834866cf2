import type { Asked } from '../../test/support/aimock.ts';

/** A row as a model was shown it, with as much of what it rests on as was shown. */
export interface Shown {
  readonly evidence: number;
  readonly kind: string;
  readonly service: string;
  readonly title: string;
  readonly summary: string;
  /** What the row rests on, as text; empty in a briefing. */
  readonly detail: string;
  readonly empty: boolean;
}

/** What a claim of the briefing says. */
interface Told {
  readonly kind: string;
  readonly text: string;
  readonly evidence: readonly number[];
  readonly blames?: { readonly service: string; readonly commit?: string };
  readonly confidence: number;
}

/** A line may have been cut to what a model is shown, or be somebody else's text: it is no row then. */
function read<Row>(line: string, start: string): Row[] {
  if (!line.startsWith(start)) return [];
  try {
    return [JSON.parse(line) as Row];
  } catch {
    return [];
  }
}

/** Every row that was shown so far, the oldest first. */
export function rowsOf(asked: Asked): Shown[] {
  const lines = asked.seen.flatMap((one) => one.split('\n'));
  return lines
    .flatMap((line) => read<Shown & { data?: unknown; shown?: string }>(line, '{"evidence":'))
    .map(({ evidence, kind, service, title, summary, data, shown, empty }) => ({
      evidence,
      kind,
      service,
      title,
      summary,
      detail: shown ?? (data === undefined ? '' : JSON.stringify(data, null, 1)),
      empty: empty === true || /^(No |None|There is no)/.test(summary),
    }));
}

/** The claims that the evidence engine makes in the briefing. */
export function claimsOf(asked: Asked): Told[] {
  return asked.task.split('\n').flatMap((line) => read<Told>(line, '{"kind":'));
}

/** What moved of a service by its own metrics, beside how much is asked of it. */
export function trouble(metrics: Shown | undefined): string[] {
  if (metrics === undefined) return [];
  const [moved = ''] = metrics.detail.split('"series"');
  const kinds = [...moved.matchAll(/"kind": ?"([\w-]+)"/g)].map(([, kind]) => kind ?? '');
  return kinds.filter((kind) => kind !== 'requests' && kind !== 'traffic');
}

interface Origin {
  readonly service: string;
  readonly count: number;
}

/** Where failing requests begin, by service, most first. */
export function originsOf(traces: Shown | undefined): Origin[] {
  const found = objects(traces?.detail ?? '', 'origins').flatMap((one): Origin[] => {
    const { service, count } = one as Partial<Origin>;
    return typeof service === 'string' && typeof count === 'number' ? [{ service, count }] : [];
  });
  return [...Map.groupBy(found, (one) => one.service)]
    .map(([service, all]) => ({ service, count: all.reduce((sum, one) => sum + one.count, 0) }))
    .toSorted((a, b) => b.count - a.count);
}

interface Edge {
  readonly caller: string;
  readonly callee: string;
  readonly callsBefore: number;
  readonly errors: number;
  readonly errorsBefore: number;
  readonly meanMs: number;
  readonly meanMsBefore: number;
}

/** A callee whose answers began to fail or take long, of those that answered before; the worst. */
export function worseCallee(traces: Shown | undefined, caller: string): string | null {
  const edges = objects(traces?.detail ?? '', 'edges') as Edge[];
  const [worst] = edges
    .filter((one) => one.caller === caller && one.callee !== caller && one.callsBefore > 0)
    .map((one) => ({
      callee: one.callee,
      failing: one.errors - one.errorsBefore,
      slower: one.meanMs > 2 * one.meanMsBefore + 20 ? one.meanMs - one.meanMsBefore : 0,
    }))
    .filter(({ failing, slower }) => failing > 0.05 || slower > 0)
    .toSorted((a, b) => b.failing - a.failing || b.slower - a.slower);
  return worst?.callee ?? null;
}

export function isSlow(traces: Shown | undefined): boolean {
  return objects(traces?.detail ?? '', 'slow').length > 0;
}

/** A list of what a row rests on; what was cut off in its middle is not read. */
function objects(detail: string, name: string): unknown[] {
  try {
    const value = (JSON.parse(detail) as Record<string, unknown>)[name];
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
