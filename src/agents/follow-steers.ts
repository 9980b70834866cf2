import type { Observation } from '../domain/evidence.ts';
import type { Steer } from '../domain/steer.ts';
import { explainError } from '../platform/errors.ts';
import type { Assignment, Investigator, Notebook, Sources } from './investigator.ts';
import { openSandboxDesk } from './sandbox-desk.ts';
import { shorten } from './signals/say-signals.ts';
import { openTelemetryDesk } from './signals/telemetry-desk.ts';
import { logTemplatesTool } from './tools/log-templates.ts';
import { metricOverviewTool } from './tools/metric-overview.ts';
import { showCommitTool } from './tools/show-commit.ts';
import { type ToolContext, thinSeries } from './tools/tool.ts';
import { traceEdgesTool } from './tools/trace-edges.ts';

/** Of what one person names at once. */
const mostPlaces = 3;
const mostSteers = 5;
const lookMs = 30_000;

/** Steps that tell what became of a person's message begin with this. */
export const steerStep = 'steer:';

/**
 * The evidence engine cannot read: of what people write in its thread it takes names of services, commits and metrics, looks
 * there, and says of everything else that it cannot follow it. Its claims stay its own.
 */
export function followSteers(engine: Investigator, sources: Sources): Investigator {
  return {
    name: engine.name,
    async investigate(assignment, notebook, signal) {
      const report = await engine.investigate(assignment, notebook, signal);
      const written = await notebook.steers();
      if (written.length === 0) return report;
      const steers = written.slice(-mostSteers);
      for (const { id, text } of written.slice(0, -mostSteers))
        await notebook.step(
          `${steerStep}${id}`,
          `Not looked at: “${shorten(text)}”. The evidence engine takes the last ${mostSteers} messages at once.`,
          'failed',
        );
      const context = {
        assignment,
        desk: openTelemetryDesk(assignment, sources, signal),
        sandboxes: openSandboxDesk(assignment.incident.id, sources, (lack) => notebook.limit(lack)),
        kept: notebook,
      };
      for (const steer of steers) await follow(context, steer, notebook, signal);
      return report;
    },
  };
}

async function follow(
  context: ToolContext,
  steer: Steer,
  notebook: Notebook,
  parent: AbortSignal,
): Promise<void> {
  const signal = AbortSignal.any([parent, AbortSignal.timeout(lookMs)]);
  const key = `${steerStep}${steer.id}`;
  const places = await placesIn(steer.text, context);
  if (places.length === 0) {
    const text = `The evidence engine cannot follow free text: “${shorten(steer.text)}”. Name a service, a commit or a metric, and it looks there.`;
    return notebook.step(key, text, 'failed');
  }
  const said: string[] = [];
  for (const place of places) {
    try {
      for (const [index, seen] of (await place.look(signal)).entries()) {
        const { number, summary } = await notebook.keep(`${key}/${place.name}/${index}`, seen);
        said.push(`${summary} (evidence ${number})`);
      }
    } catch (error) {
      parent.throwIfAborted();
      said.push(`${place.name}: ${explainError(error)}`);
    }
  }
  const names = places.map((place) => place.name).join(', ');
  await notebook.step(key, `Looked at ${names} as asked: ${said.join(' ')}`, 'done');
}

interface Place {
  readonly name: string;
  look(signal: AbortSignal): Promise<Observation[]>;
}

async function placesIn(text: string, context: ToolContext): Promise<Place[]> {
  const { assignment } = context;
  return [
    ...servicesIn(text, assignment).map((service) => lookAt(service, context)),
    ...[...text.matchAll(/\b(?=[a-f]*\d)[0-9a-f]{7,40}\b/g)].map(
      ([sha]): Place => ({
        name: `commit ${sha.slice(0, 10)}`,
        look: (signal) => showCommitTool.run(context, { sha }, signal),
      }),
    ),
    ...(await metricsIn(text, context)),
  ].slice(0, mostPlaces);
}

function servicesIn(text: string, { catalogue, service }: Assignment): string[] {
  const words = new Set(text.toLowerCase().match(/[a-z0-9][\w.-]*[a-z0-9]/g) ?? []);
  return catalogue.services
    .map((one) => one.name)
    .filter((name) => name !== service.name && words.has(name.toLowerCase()));
}

function lookAt(service: string, context: ToolContext): Place {
  return {
    name: service,
    look: async (signal) => [
      ...(await metricOverviewTool.run(context, { service }, signal)),
      ...(await traceEdgesTool.run(context, { service }, signal)),
      ...(await logTemplatesTool.run(context, { service }, signal)),
    ],
  };
}

/** Metrics of its own service that were read anyway. */
async function metricsIn(text: string, { assignment, desk }: ToolContext): Promise<Place[]> {
  const words = new Set(text.match(/\b[a-zA-Z]\w*_\w+\b/g) ?? []);
  if (words.size === 0) return [];
  const service = assignment.service.name;
  const read = (await desk.metrics(service))?.signals ?? [];
  return [...words].flatMap((name): Place[] => {
    const signals = read.filter((one) => one.name === name || one.query.includes(name));
    if (signals.length === 0) return [];
    const seen = signals.slice(0, 2).map(
      (one): Observation => ({
        kind: 'metric',
        service,
        title: `${name} before and after the onset`,
        summary: `${name}: ${one.text}.`,
        query: one.query,
        data: { series: [{ ...(thinSeries(one.series) as object) }] },
        empty: false,
      }),
    );
    return [{ name, look: () => Promise.resolve(seen) }];
  });
}
