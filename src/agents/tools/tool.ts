import type { z } from 'zod';
import type { Observation } from '../../domain/evidence.ts';
import { findService, neighboursOf, type Service } from '../../domain/service.ts';
import type { Assignment, Notebook } from '../investigator.ts';
import type { SandboxDesk } from '../sandbox-desk.ts';
import type { TelemetryDesk } from '../signals/telemetry-desk.ts';

/** What a tool may use: all of it read-only but the sandboxes, which nothing leaves. */
export interface ToolContext {
  readonly assignment: Assignment;
  readonly desk: TelemetryDesk;
  readonly sandboxes: SandboxDesk;
  /** What was kept in this incident before. */
  readonly kept: Pick<Notebook, 'evidence' | 'output' | 'peers'>;
}

/** One thing that an agent can look at. It writes nothing; what it saw becomes evidence rows. */
export interface Tool<Input = unknown> {
  readonly name: string;
  /** For a model: what it shows and when to use it. */
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /** The same question may be answered otherwise later, as files of a workspace change: each answer is a row of its own. */
  readonly changing?: true;
  /** Answers with what was seen, bounded; throws only when the source fails or the input names nothing known. */
  run(context: ToolContext, input: Input, signal: AbortSignal): Promise<Observation[]>;
}

/** A tool whose input is checked by its own schema before it runs. */
export interface AnyTool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType;
  readonly changing?: true;
  run(context: ToolContext, input: unknown, signal: AbortSignal): Promise<Observation[]>;
}

export function defineTool<Input>(tool: Tool<Input>): AnyTool {
  return {
    ...tool,
    run: async (context, input, signal) => tool.run(context, tool.input.parse(input), signal),
  };
}

/** The service that an input names, else the agent's own; only what the catalogue knows. */
export function serviceOf(context: ToolContext, name: string | undefined): Service {
  if (name === undefined || name === '') return context.assignment.service;
  const found = findService(context.assignment.catalogue, name);
  if (found === undefined) {
    const known = context.assignment.catalogue.services.map((service) => service.name).join(', ');
    throw new RangeError(`No service "${name}" in the catalogue. Known: ${known}.`);
  }
  if (found.name !== context.assignment.service.name && !isNear(context.assignment, found))
    throw new RangeError(
      `${found.name} has nothing to do with this incident: agents look at services within ${farthest} calls of those that alert.`,
    );
  return found;
}

/** Calls between a service and one that alerts; what lies further cannot be what is heard here. */
const farthest = 3;

/** An agent may be talked into looking anywhere: what a service keeps is shown only where a failure could travel from it. */
export function isNear({ incident, service, catalogue }: Assignment, wanted: Service): boolean {
  const near = new Set([service.name, ...incident.services]);
  for (let step = 0; step < farthest; step += 1)
    for (const name of Array.from(near)) for (const other of neighboursOf(catalogue, name)) near.add(other);
  return near.has(wanted.name);
}

/** An observation that found nothing. */
export function nothing(
  kind: Observation['kind'],
  service: string,
  title: string,
  summary: string,
  query: string,
): Observation {
  return { kind, service, title, summary, query, data: {}, empty: true };
}

/** JSON rows keep at most this many bytes of any text. */
export function clip(text: string, bytes: number): string {
  return text.length <= bytes ? text : `${text.slice(0, bytes)}\n… (cut)`;
}

/** Times and values thinned to at most `most` points, numbers shortened. */
export function thinSeries(
  series: { name: string; times: readonly number[]; values: readonly (number | null)[] },
  most = 240,
): { name: string; times: number[]; values: (number | null)[] } {
  const every = Math.max(1, Math.ceil(series.times.length / most));
  const keep = (_: unknown, index: number): boolean => index % every === 0;
  return {
    name: series.name,
    times: series.times.filter(keep),
    values: series.values
      .filter(keep)
      .map((value) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(6)))),
  };
}

/** Lines from the first on that together have at most `most` characters; of a first line that is longer, its beginning. */
export function fitLines(lines: readonly string[], most = 10_000): string[] {
  const fitting: string[] = [];
  let left = most;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) return fitting.length > 0 ? fitting : [clip(line, most)];
    fitting.push(line);
  }
  return fitting;
}
