import { z } from 'zod';
import type { Runbook, Service } from '../../domain/service.ts';
import { canonicalJson, type Json, sha256 } from '../../platform/canonical-json.ts';
import { readStored } from '../read-stored.ts';

const scalar = z.union([z.string().max(1_000), z.number()]);

export const paramsSchema = z.strictObject({
  runbook: z.string().min(1).max(63),
  arguments: z.record(z.string().max(63), scalar).default({}),
});

const pinsSchema = z.strictObject({
  /** SHA-256 of the runbook as the catalogue had it. */
  definition: z.string().regex(/^[0-9a-f]{64}$/),
});

const commandSchema = z.strictObject({
  argv: z.array(z.string()).min(1),
  container: z.string().nullable(),
  timeoutMs: z.number().positive(),
});

export type Command = z.infer<typeof commandSchema>;

const inverseSchema = z.discriminatedUnion('how', [
  z.object({ version: z.literal(1), how: z.literal('run'), command: commandSchema }),
  z.object({ version: z.literal(1), how: z.literal('none') }),
]);

const receiptSchema = z.object({
  version: z.literal(1),
  exitCode: z.number().int(),
  durationMs: z.number(),
});

const hint = 'Look into the runbook and do by hand what is still to be done.';

export const readParams = (stored: unknown) =>
  readStored(paramsSchema, stored, 'parameters of a runbook', hint);
export const readPins = (stored: unknown) => readStored(pinsSchema, stored, 'pins of a runbook', hint);
export const readInverse = (stored: unknown) =>
  readStored(inverseSchema, stored, 'inverse of a runbook', hint);
export const readReceipt = (stored: unknown) =>
  readStored(receiptSchema, stored, 'receipt of a runbook', hint);

export function findRunbook(service: Service, name: string): Runbook | undefined {
  return service.runbooks.find((runbook) => runbook.name === name);
}

export function unknownRunbook(service: Service): string {
  const names = service.runbooks.map((runbook) => runbook.name).join(', ');
  return `the catalogue has no such runbook for ${service.name}; it has ${names || 'none'}.`;
}

export function digestOf(runbook: Runbook): string {
  return sha256(canonicalJson(JSON.parse(JSON.stringify(runbook)) as Json));
}

export function containerOf({ where }: Runbook): string | null {
  return where === 'local' ? null : where.container;
}

/** Also the workload whose container it runs in: it must not be restarted meanwhile. */
export function runbookTargets(service: Service, params: unknown): string[] {
  const { data } = paramsSchema.safeParse(params);
  const runbook = findRunbook(service, data?.runbook ?? '');
  if (runbook === undefined) return [];
  const container = containerOf(runbook);
  const around = service.workloads.filter(
    (workload) => 'docker' in workload && workload.docker.container === container,
  );
  return [
    `runbook ${service.name}/${runbook.name}`,
    ...around.map((workload) => `workload ${service.name}/${workload.name}`),
  ];
}
