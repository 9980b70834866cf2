import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { IncidentInput } from '../../../src/analysis/ranking/incident-input.ts';
import { readGzip } from '../part.ts';

type Spans = NonNullable<NonNullable<IncidentInput['traces']>['normal']>;
type Metrics = NonNullable<IncidentInput['metrics']>;

export interface NezhaCase {
  readonly input: IncidentInput;
  readonly truth: string;
  readonly fault: string;
}

export interface NezhaSet {
  readonly cases: readonly NezhaCase[];
  /** Windows of metrics without a fault, each asked like an incident. */
  readonly quiet: readonly IncidentInput[];
  /** A fault-free minute of traces. */
  readonly normal: Spans;
}

const lookBackS = 20 * 60;
const faultS = 4 * 60;

/** As the data's README sets the windows: 20 minutes before without other faults, 4 minutes from the fault on. */
export async function readNezha(data: string): Promise<NezhaSet> {
  const root = path.join(data, 'nezha-onlineboutique');
  const days = (await readdir(root)).filter((name) => /^\d{4}-/.test(name)).toSorted();
  const normals = new Map<string, Spans>();
  for (const day of days)
    if (existsSync(path.join(root, day, 'normal_traces.csv.gz')))
      normals.set(day, readSpans(await readGzip(root, day, 'normal_traces.csv.gz')));
  const [anyNormal = []] = normals.values();
  const cases: NezhaCase[] = [];
  const quiet: IncidentInput[] = [];
  for (const day of days) {
    const truth = new Map(
      rowsOf(await readFile(path.join(root, day, 'truth.csv'), 'utf8')).map((row) => [row.case ?? '', row]),
    );
    const faults = rowsOf(await readFile(path.join(root, day, 'cases.csv'), 'utf8')).map((row) => ({
      name: row.case ?? '',
      at: Date.parse(`${(row.fault_time_utc ?? '').replace(' ', 'T')}Z`) / 1000,
    }));
    const metrics = readMetrics(await readGzip(root, day, 'metrics.csv.gz'));
    const slow = await readSlo(root, day);
    const dependency = path.join(root, day, 'dependency.csv.gz');
    const graph = existsSync(dependency)
      ? rowsOf(await readGzip(dependency)).map((row): [string, string] => [
          row.Source ?? '',
          row.Target ?? '',
        ])
      : undefined;
    const faulty = (time: number, but: number): boolean =>
      faults.some((fault) => fault.at !== but && time >= fault.at && time < fault.at + faultS);
    const windowOf = (at: number, own: number): Metrics =>
      [...metrics, ...slow].map((series) => {
        const keep = series.times.map(
          (time) => time >= at - lookBackS && time < at + faultS && !(time < at && faulty(time, own)),
        );
        return {
          service: series.service,
          metric: series.metric,
          times: series.times.filter((_, index) => keep[index]),
          values: series.values.filter((_, index) => keep[index]),
        };
      });
    for (const fault of faults) {
      const file = path.join(root, day, `${fault.name}.traces.csv.gz`);
      const row = truth.get(fault.name);
      if (row === undefined) continue;
      cases.push({
        truth: row.root_cause_service ?? '',
        fault: row.fault_type ?? '',
        input: {
          id: fault.name,
          incidentAt: fault.at,
          ...(graph === undefined ? {} : { graph }),
          metrics: windowOf(fault.at, fault.at),
          ...(existsSync(file)
            ? { traces: { normal: normals.get(day) ?? anyNormal, incident: readSpans(await readGzip(file)) } }
            : {}),
        },
      });
    }
    // The day goes on long after its last fault.
    const end = metrics[0]?.times.at(-1) ?? 0;
    const last = Math.max(...faults.map((fault) => fault.at));
    for (let at = last + 3600; at + faultS < end; at += 900)
      quiet.push({
        id: `quiet-${day}-${at}`,
        incidentAt: at,
        ...(graph === undefined ? {} : { graph }),
        metrics: windowOf(at, -1),
      });
  }
  return { cases, quiet, normal: anyNormal };
}

function readMetrics(text: string): Metrics {
  const series = new Map<
    string,
    { service: string; metric: string; times: number[]; values: (number | null)[] }
  >();
  const [head = '', ...lines] = text.trim().split('\n');
  const names = head.split(',');
  for (const line of lines) {
    const cells = line.split(',');
    const time = Date.parse(`${(cells[0] ?? '').replace(' ', 'T')}Z`) / 1000;
    const service = cells[1] ?? '';
    for (let column = 2; column < names.length; column += 1) {
      const metric = names[column] ?? '';
      const key = `${service} ${metric}`;
      const one = series.get(key) ?? { service, metric, times: [], values: [] };
      series.set(key, one);
      one.times.push(time);
      one.values.push(cells[column] === '' || cells[column] === undefined ? null : Number(cells[column]));
    }
  }
  return [...series.values()];
}

async function readSlo(root: string, day: string): Promise<Metrics> {
  const rows = rowsOf(await readGzip(root, day, 'frontend_slo.csv.gz'));
  const times = rows.map((row) => Date.parse(`${(row.Time ?? '').slice(0, 19).replace(' ', 'T')}Z`) / 1000);
  return Object.keys(rows[0] ?? {})
    .filter((name) => !['Time', 'TimeStamp', 'ServiceName'].includes(name))
    .map((metric) => ({
      service: 'frontend',
      metric,
      times,
      values: rows.map((row) =>
        row[metric] === '' || row[metric] === undefined ? null : Number(row[metric]),
      ),
    }));
}

export function readSpans(text: string): Spans {
  const [, ...lines] = text.trim().split('\n');
  return lines.map((line) => {
    const [trace = '', span = '', parent = '', service = '', operation = '', start, duration] =
      line.split(',');
    return {
      trace,
      span,
      parent: parent === '-1' ? null : parent,
      service,
      operation,
      startUs: Number(start),
      durationUs: Number(duration),
      error: undefined,
    };
  });
}

function rowsOf(text: string): Partial<Record<string, string>>[] {
  const [head = '', ...lines] = text.trim().split('\n');
  const names = head.replace(/\r$/, '').split(',');
  return lines.map((line) => {
    const cells = line.replace(/\r$/, '').split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  });
}
