import { z } from 'zod';
import type { Service, Workload } from '../../domain/service.ts';
import { readStored } from '../read-stored.ts';

export const paramsSchema = z.strictObject({ workload: z.string().min(1).max(63) });

const pinsSchema = z.strictObject({ incarnation: z.string(), image: z.string() });

const inverseSchema = z.object({ version: z.literal(1), how: z.literal('nothing-to-undo') });

const hint = 'Look at the workload by hand; a restart leaves nothing behind that must be undone.';

export const readParams = (stored: unknown) =>
  readStored(paramsSchema, stored, 'parameters of a restart', hint);
export const readPins = (stored: unknown) => readStored(pinsSchema, stored, 'pins of a restart', hint);
export const readInverse = (stored: unknown) =>
  readStored(inverseSchema, stored, 'inverse of a restart', hint);

export function findWorkload(service: Service, name: string): Workload | undefined {
  return service.workloads.find((workload) => workload.name === name);
}

export function unknownWorkload(service: Service): string {
  const names = service.workloads.map((workload) => workload.name).join(', ');
  return `the catalogue has no such workload for ${service.name}; it has ${names || 'none'}.`;
}

export function workloadTargets(service: Service, params: unknown): string[] {
  const { data } = paramsSchema.safeParse(params);
  const workload = findWorkload(service, data?.workload ?? '');
  return workload === undefined ? [] : [`workload ${service.name}/${workload.name}`];
}
