import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { IncidentInput } from '../../../src/analysis/ranking/incident-input.ts';
import { readGzip } from '../part.ts';

export interface RootCauseCase {
  readonly input: IncidentInput;
  readonly truth: string;
}

export interface PetshopSet {
  readonly cases: readonly RootCauseCase[];
  /** Windows of normal operation, each asked like an incident. */
  readonly quiet: readonly IncidentInput[];
}

interface Table {
  readonly columns: readonly { readonly service: string; readonly metric: string }[];
  readonly times: readonly number[];
  readonly rows: readonly (readonly (number | null)[])[];
}

/** The incidents of one scenario; the normal hours are put right before each, since they were taken at another time. */
export async function readPetshop(data: string): Promise<PetshopSet> {
  const root = path.join(data, 'petshop', 'low_traffic');
  const graph = readGraph(await readGzip(root, 'graph.csv.gz'));
  const normal = readTable(await readGzip(root, 'noissue', 'metrics.csv.gz'));
  const cases: RootCauseCase[] = [];
  for (const part of ['train', 'test'])
    for (const folder of (await readdir(path.join(root, part))).toSorted()) {
      const place = path.join(root, part, folder);
      if (!existsSync(path.join(place, 'target.json'))) continue;
      const { target, root_cause } = JSON.parse(await readFile(path.join(place, 'target.json'), 'utf8')) as {
        target: { node: string; metric: string; timestamp: number };
        root_cause: { node: string };
      };
      const incident = readTable(await readGzip(place, 'metrics.csv.gz'));
      cases.push({
        truth: root_cause.node,
        input: {
          id: `${part}/${folder}`,
          incidentAt: target.timestamp,
          graph,
          symptom: { service: target.node, metric: target.metric },
          metrics: join(normal, incident),
        },
      });
    }
  return { cases, quiet: quietWindows(normal, graph) };
}

/** Every window of five values that begins after the first 100, a few hours apart. */
function quietWindows(normal: Table, graph: [string, string][]): IncidentInput[] {
  const inputs: IncidentInput[] = [];
  for (let at = 110; at + 5 <= normal.times.length; at += 12) {
    const incidentAt = (normal.times[at] ?? 0) - 60;
    inputs.push({
      id: `quiet-${at}`,
      incidentAt,
      graph,
      metrics: seriesOf(normal, 0, at + 5),
    });
  }
  return inputs;
}

function join(normal: Table, incident: Table): NonNullable<IncidentInput['metrics']> {
  const end = normal.times.at(-1) ?? 0;
  const shift = (incident.times[0] ?? 0) - end - 300;
  const byName = new Map(
    seriesOf(incident, 0, incident.times.length).map((one) => [`${one.service} ${one.metric}`, one]),
  );
  const joined = seriesOf(normal, 0, normal.times.length).map((one) => {
    const name = `${one.service} ${one.metric}`;
    const now = byName.get(name);
    byName.delete(name);
    return {
      service: one.service,
      metric: one.metric,
      times: [...one.times.map((time) => time + shift), ...(now?.times ?? [])],
      values: [...one.values, ...(now?.values ?? [])],
    };
  });
  return [...joined, ...byName.values()];
}

function seriesOf(table: Table, from: number, to: number): NonNullable<IncidentInput['metrics']> {
  return table.columns.map(({ service, metric }, column) => ({
    service,
    metric,
    times: table.times.slice(from, to),
    values: table.rows.slice(from, to).map((row) => row[column] ?? null),
  }));
}

function readTable(text: string): Table {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\r$/, '').split(','));
  const [services = [], metrics = [], statistics = []] = lines;
  const body = lines.slice(3).filter((line) => Number.isFinite(Number(line[0])) && line[0] !== '');
  return {
    columns: services.slice(1).map((service, index) => ({
      service,
      metric: `${metrics[index + 1] ?? ''} ${statistics[index + 1] ?? ''}`,
    })),
    times: body.map((line) => Number(line[0])),
    rows: body.map((line) => line.slice(1).map((value) => (value === '' ? null : Number(value)))),
  };
}

function readGraph(text: string): [string, string][] {
  const [head = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\r$/, '').split(','));
  return rows.flatMap(([caller = '', ...cells]) =>
    cells.flatMap((cell, index): [string, string][] =>
      Number(cell) > 0 ? [[caller, head[index + 1] ?? '']] : [],
    ),
  );
}
