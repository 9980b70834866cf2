import { compareEdges, type EdgeChange } from '../../analysis/traces/compare-edges.ts';
import { compareOperations, type OperationChange } from '../../analysis/traces/compare-operations.ts';
import { keepMaterial } from '../../analysis/traces/keep-material.ts';
import {
  type ErrorOrigin,
  locateOrigins,
  type OriginKind,
  usualDurations,
} from '../../analysis/traces/locate-origin.ts';
import { indexTraces, type TraceIndex } from '../../analysis/traces/trace-index.ts';
import type { Catalogue } from '../../domain/service.ts';
import type { TraceSource } from '../../ports/trace-source.ts';
import type { IncidentWindow } from './incident-window.ts';

/** Failing traces that began at one place, beyond what is usual there. */
export interface OriginRise {
  readonly service: string;
  readonly operation: string;
  readonly kind: OriginKind;
  readonly status: number | null;
  readonly text: string | null;
  readonly traceId: string;
  readonly path: readonly string[];
  /** Traces in the incident window that began here, less those expected from the baseline. */
  readonly excess: number;
  readonly count: number;
  readonly outcome: 'failed' | 'rejected';
  /** The excess as it counts: what the outside only got refused may be its own doing. */
  readonly weight: number;
}

const refusedWeight = 0.2;

export interface TraceSignals {
  readonly operations: readonly OperationChange[];
  readonly edges: readonly EdgeChange[];
  readonly origins: readonly OriginRise[];
  readonly traces: { readonly before: number; readonly after: number };
  readonly index: TraceIndex;
  /** Services that answered requests in each window. */
  readonly answered: { readonly before: ReadonlySet<string>; readonly after: ReadonlySet<string> };
}

const spanLimit = 15_000;

export async function readTraceSignals(
  traces: TraceSource,
  catalogue: Catalogue,
  window: IncidentWindow,
  signal: AbortSignal,
): Promise<TraceSignals> {
  const beforeTo = new Date(window.onset.getTime() - 1_000);
  const [before, after] = await Promise.all([
    traces.spans({ from: window.baselineFrom, to: beforeTo, limit: spanLimit }, signal),
    traces.spans({ from: window.onset, to: window.to, limit: spanLimit }, signal),
  ]);
  const names = catalogue.services.map((service) => service.name);
  const was = indexTraces(before.spans, names);
  const is = indexTraces(after.spans, names);
  const usual = usualDurations(was);
  return {
    operations: keepMaterial(compareOperations(was, is)),
    edges: compareEdges(was, is),
    origins: riseOfOrigins(
      locateOrigins(was, usual),
      was.roots.size,
      locateOrigins(is, usual),
      is.roots.size,
    ),
    traces: { before: was.roots.size, after: is.roots.size },
    index: is,
    answered: { before: answering(was), after: answering(is) },
  };
}

function riseOfOrigins(
  before: readonly ErrorOrigin[],
  tracesBefore: number,
  after: readonly ErrorOrigin[],
  tracesAfter: number,
): OriginRise[] {
  const key = (origin: ErrorOrigin): string =>
    [
      origin.service,
      origin.operation,
      origin.kind,
      origin.status ?? '',
      origin.outcome,
      origin.path.at(-2) ?? '',
    ].join('\u0000');
  const usual = new Map<string, number>();
  for (const origin of before) usual.set(key(origin), (usual.get(key(origin)) ?? 0) + 1);
  return [...Map.groupBy(after, key)]
    .flatMap(([name, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const expected = ((usual.get(name) ?? 0) * tracesAfter) / Math.max(1, tracesBefore);
      const excess = group.length - expected - 2 * Math.sqrt(expected);
      return [
        {
          ...first,
          text: commonText(group),
          excess: Math.max(0, excess),
          count: group.length,
          weight: Math.max(0, excess) * (first.outcome === 'failed' ? 1 : refusedWeight),
        },
      ];
    })
    .filter((origin) => origin.excess >= 1)
    .toSorted((a, b) => b.weight - a.weight);
}

function commonText(origins: readonly ErrorOrigin[]): string | null {
  const counts = new Map<string, number>();
  for (const { text } of origins) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function answering(index: TraceIndex): Set<string> {
  return new Set(index.spans.filter((span) => span.kind === 'server').map((span) => span.service));
}
