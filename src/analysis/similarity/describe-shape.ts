import { alertName, alertSummary, type RecordedAlert } from '../../domain/alert.ts';
import type { Evidence, Observation } from '../../domain/evidence.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Incident } from '../../domain/incident.ts';
import type { ChangeKind, IncidentShape } from '../../domain/past-incident.ts';
import type { RootCause } from '../../domain/root-cause.ts';
import type { Json } from '../../platform/canonical-json.ts';
import { type DiffFile, parseDiff } from '../culprits/parse-diff.ts';
import { findSettingChanges } from '../culprits/setting-changes.ts';

/** What is known of an incident, at its end or in the middle of it. */
export interface KnownRows {
  readonly incident: Incident;
  readonly alerts: readonly RecordedAlert[];
  readonly evidence: readonly (Observation | Evidence)[];
  readonly findings: readonly Finding[];
  readonly rootCause: RootCause | undefined;
}

const mostTexts = 12;
const mostSettings = 6;
const mostCharacters = 300;

/** Reads the shape off the rows that were kept; data of a kind that it does not know is passed over. */
export function describeShape(rows: KnownRows, suspect: string | null = null): IncidentShape {
  const { incident, alerts, findings, rootCause } = rows;
  const blamed = rootCause?.service ?? suspect;
  const unwell = new Set([
    ...incident.services,
    ...findings.filter((one) => one.kind !== 'healthy').map((one) => one.service),
    ...(blamed === null ? [] : [blamed]),
  ]);
  const seen = rows.evidence
    .filter((row) => !row.empty && unwell.has(row.service))
    .toSorted((a, b) => Number(b.service === blamed) - Number(a.service === blamed));
  const said = seen.filter((row) => row.kind === 'past').map((row) => field(row.data, 'shape'));
  const logs = texts(seen.flatMap((row) => members(row.data, 'templates').map((one) => field(one, 'text'))));
  const origins = seen.flatMap((row) => members(row.data, 'origins'));
  const change = changeOf(rows.evidence, rootCause);
  return {
    services: [...unwell],
    blamed,
    alerts: unique(alerts.map(alertName)),
    symptoms: unique([
      ...said.flatMap((shape) => texts(members(shape, 'symptoms'))),
      ...seen.flatMap((row) => kindsOf(row)),
    ]),
    logs: logs.slice(0, mostTexts),
    errors: unique([
      ...[
        ...logs,
        ...texts(origins.map((one) => field(one, 'text'))),
        ...findings.map((one) => one.text),
      ].flatMap(errorsIn),
      ...origins.flatMap((one) => statusOf(field(one, 'status'))),
    ]).slice(0, mostTexts),
    edges: unique([
      ...findings.flatMap((one) =>
        one.kind === 'blame' && one.blames !== undefined ? [`${one.service}→${one.blames.service}`] : [],
      ),
      ...origins.flatMap((one) => edgeOf(texts(members(one, 'path')))),
    ]),
    changes: change.kinds,
    settings: change.settings,
  };
}

/** The trouble in words, the most telling first: what an incident is found by, and what it is looked up with. */
export function describeTrouble(rows: KnownRows, shape: IncidentShape): string {
  const { incident, alerts, findings } = rows;
  return unique([
    incident.title,
    ...alerts.map(alertSummary),
    ...shape.logs.slice(0, 6),
    ...shape.errors,
    ...findings.filter((one) => one.kind === 'cause' || one.kind === 'symptom').map((one) => one.text),
    ...alerts.map(alertName),
    ...shape.symptoms,
  ])
    .map((text) => text.slice(0, mostCharacters))
    .join('\n');
}

/** `TokenExpiredError`, `java.net.SocketTimeoutException`, `ECONNREFUSED`. */
export function errorsIn(text: string): string[] {
  return unique(
    [
      ...text.matchAll(
        /\b[A-Z][A-Za-z0-9]{2,60}(?:Error|Exception|Failure|Timeout|Fault)\b|\bE[A-Z]{4,20}\b/g,
      ),
    ].map(([name]) => name),
  ).filter((name) => name !== 'ERROR' && name !== 'EXCEPTION');
}

function kindsOf(row: Observation): string[] {
  return members(row.data, 'moved').flatMap((one) => {
    const kind = field(one, 'kind');
    if (typeof kind !== 'string' || kind === 'other' || kind === 'requests') return [];
    return [kind === 'down' ? 'crash' : kind];
  });
}

/** What the blamed commit is made of, by its diff. */
function changeOf(
  evidence: readonly Observation[],
  rootCause: RootCause | undefined,
): { kinds: ChangeKind[]; settings: string[] } {
  const sha = rootCause?.commit?.sha;
  const row = evidence.find(
    ({ kind, data }) => kind === 'change' && sha !== undefined && field(field(data, 'commit'), 'sha') === sha,
  );
  const diff = row === undefined ? undefined : field(row.data, 'diff');
  if (typeof diff !== 'string') return { kinds: [], settings: [] };
  const files = parseDiff(diff).filter((file) => file.class !== 'test' && file.class !== 'docs');
  return {
    kinds: unique(files.flatMap((file) => kindOfFile(file))),
    settings: unique(
      files
        .filter((file) => file.class === 'config')
        .flatMap((file) => findSettingChanges(file).map((one) => one.key)),
    ).slice(0, mostSettings),
  };
}

function kindOfFile({ path, class: is }: DiffFile): ChangeKind[] {
  if (/\.sql$|(^|\/)migrations?\//i.test(path)) return ['schema'];
  if (
    is === 'lockfile' ||
    /(^|\/)(package\.json|go\.mod|pom\.xml|Cargo\.toml|requirements[\w-]*\.txt)$/.test(path)
  )
    return ['dependency'];
  return is === 'config' ? ['config'] : is === 'source' ? ['code'] : [];
}

function statusOf(status: Json | undefined): string[] {
  return typeof status === 'number' && status >= 400 ? [String(status)] : [];
}

function edgeOf(path: readonly string[]): string[] {
  const [caller, callee] = path.slice(-2);
  return caller === undefined || callee === undefined || caller === callee ? [] : [`${caller}→${callee}`];
}

function field(data: Json | undefined, key: string): Json | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  return (data as { readonly [key: string]: Json })[key];
}

function members(data: Json | undefined, key: string): readonly Json[] {
  const found = field(data, key);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

function texts(values: readonly (Json | undefined)[]): string[] {
  return unique(
    values.flatMap((value) =>
      typeof value === 'string' && value !== '' ? [value.slice(0, mostCharacters)] : [],
    ),
  );
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
