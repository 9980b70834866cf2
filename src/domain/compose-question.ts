import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/**
 * What one agent's blame asks of the other, in one sentence. Made from the typed claim and the traces it cites, never from
 * anybody's prose: what a log or a model wrote must not speak to another agent.
 */
export function composeQuestion(blame: Finding, blamed: string, evidence: readonly Evidence[]): string {
  const rows = evidence.filter((row) => blame.evidence.includes(row.number) && !row.empty);
  const numbers = rows.map((row) => row.number).toSorted((a, b) => a - b);
  const cited = numbers.length === 0 ? '' : ` (evidence ${numbers.join(', ')})`;
  const how = rows
    .filter((row) => row.kind === 'trace')
    .flatMap((row) => originsIn(row))
    .flatMap((origin) => sayHow(origin, blame.service, blamed) ?? [])[0];
  return `${blame.service} says ${how ?? 'its trouble comes from you'}${cited}. Does it begin with you?`;
}

/** Where failing requests begin, as the look at the traces keeps it. */
interface Origin {
  readonly service: string;
  readonly kind: string;
  readonly status: number | null;
  readonly path: readonly string[];
}

function originsIn({ data }: Evidence): Origin[] {
  const origins = isObject(data) ? data['origins'] : undefined;
  return Array.isArray(origins) ? origins.flatMap((one) => readOrigin(one) ?? []) : [];
}

function readOrigin(value: unknown): Origin | null {
  if (!isObject(value)) return null;
  const { service, kind, status, path } = value;
  if (typeof service !== 'string' || typeof kind !== 'string' || !Array.isArray(path)) return null;
  return {
    service,
    kind,
    status: typeof status === 'number' ? status : null,
    path: path.filter((one) => typeof one === 'string'),
  };
}

function sayHow(origin: Origin, asker: string, blamed: string): string | null {
  const place = origin.path.indexOf(asker);
  if (place === -1 || origin.path[place + 1] !== blamed) return null;
  if (origin.service !== blamed) return 'its failures come from behind you';
  switch (origin.kind) {
    case 'slow':
      return 'it waits too long for you';
    case 'unanswered':
      return 'you do not answer it';
    case 'gave-up':
      return 'you give up on what it asks';
    default:
      return origin.status === null
        ? 'its failures begin in you'
        : `its failures are ${origin.status}s from you`;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
