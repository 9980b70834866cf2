import type { PastRecord } from '../../src/agents/context/knowledge-layer.ts';
import type { Sources } from '../../src/agents/investigator.ts';
import type { LogLine } from '../../src/ports/log-source.ts';
import type { SourceControl } from '../../src/ports/source-control.ts';

/** How much there is to read besides source: a quiet shop, or a busy service. */
export interface Amount {
  readonly kinds: number;
  readonly curves: number;
  readonly incidents: number;
  readonly entries: number;
}

const words =
  'token session ledger charge refund replica socket quota index lease shard cursor budget retry stream cluster watch informer schema parser queue worker header cookie route probe digest mirror tenant region'.split(
    ' ',
  );

function word(seed: number): string {
  return words[((seed * 2_654_435_761) >>> 7) % words.length] ?? 'token';
}

function sentence(seed: number, length: number): string {
  return Array.from({ length }, (_, at) => word(seed * 31 + at * 7 + ((seed >> 3) ^ at))).join(' ');
}

/** Telemetry that goes on: each read sees the hour before its `now`. Nothing of it is random. */
export function makeSources(source: SourceControl, amount: Amount, started: Date): Sources {
  const never = (): never => {
    throw new Error('not in this benchmark');
  };
  return {
    source,
    logs: {
      lines: async ({ service, from, to, limit }) => {
        const lines: LogLine[] = [];
        for (let n = 0; n < amount.kinds * 4; n += 1) {
          const at = new Date(from.getTime() + ((to.getTime() - from.getTime()) * n) / (amount.kinds * 4));
          const kind = n % amount.kinds;
          lines.push({
            at,
            service,
            level: kind % 3 === 0 ? 'error' : kind % 3 === 1 ? 'warn' : 'info',
            message: `${sentence(kind, 12)} failed after ${n % 97} ms for request ${(n * 7919) % 100_000}`,
            fields: {
              stack: Array.from(
                { length: 24 },
                (_, f) =>
                  `at ${sentence(kind + f, 3).replaceAll(' ', '.')} (src/${word(kind + f)}/${word(f)}.ts:${f * 13 + 7}:11)`,
              ).join('\n'),
            },
          });
        }
        // What begins in the middle of the conversation.
        const late = Math.floor((to.getTime() - started.getTime()) / 10_000);
        for (let n = 1; n <= late; n += 1)
          lines.push({
            at: to,
            service,
            level: 'error',
            message: `late trouble ${'abcdefghij'[n % 10]}${word(n)} in ${word(n * 3)}`,
            fields: {},
          });
        return { lines: lines.slice(-limit), truncated: lines.length > limit };
      },
    },
    traces: { spans: async () => ({ spans: [], truncated: false }) },
    metrics: {
      instant: async () => [],
      alertRules: async () => [],
      metricNames: async () =>
        Array.from({ length: amount.curves }, (_, n) => `${word(n)}_${word(n * 5)}_${n}_total`),
      range: async ({ expression, from, to, stepS }) => {
        const count = Math.floor((to.getTime() - from.getTime()) / 1000 / stepS);
        const times = Array.from({ length: count }, (_, n) => Math.floor(from.getTime() / 1000) + n * stepS);
        const values = times.map((_, n) => expression.length * 10 + ((n * 7919) % 1000) / 10);
        return [{ labels: {}, times, values }];
      },
    },
    sandbox: { open: never, sweep: never, close: never, available: never } as unknown as Sources['sandbox'],
    databases: null,
    statements: null,
  };
}

/** A year of incidents with the timelines that Warroom writes. */
export function makePast(amount: Amount, service: string): PastRecord {
  const hits = Array.from({ length: amount.incidents }, (_, n) => ({
    incidentId: `past-${String(n).padStart(4, '0')}`,
    title: sentence(n, 6),
    at: new Date(Date.UTC(2026, 0, 1) + n * 86_400_000),
    lesson: null,
    score: 0.6 - n / 1_000,
    why: [],
  }));
  return {
    knowledge: {
      similar: async (_: unknown, limit: number) => ({
        compared: hits.length,
        hits: hits.slice(0, limit),
      }),
      get: async (id: string) => {
        const n = Number(id.slice(5));
        const story = Array.from(
          { length: amount.entries },
          (_, at) => `- 2026-01-01 10:${String(at % 60).padStart(2, '0')}:00 ${sentence(n * 100 + at, 22)}`,
        );
        return {
          incidentId: id,
          title: sentence(n, 6),
          service: n % 3 === 0 ? service : 'other',
          markdown: `# Postmortem (draft): ${sentence(n, 6)}\n\n## Root cause\n\n${sentence(n, 60)}\n\n## Timeline (UTC)\n\n${story.join('\n')}\n`,
          at: new Date(0),
        };
      },
    },
    plans: { rejections: async () => [] },
  } as unknown as PastRecord;
}
