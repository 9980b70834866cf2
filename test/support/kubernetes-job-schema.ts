import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const labelValue = z.string().regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
const labels = z.record(
  z.string().regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/),
  labelValue,
);
const annotations = z.record(z.string(), z.string());
const quantity = z.string().regex(/^\d+(m|Ki|Mi|Gi)?$/);
const resources = z.strictObject({ memory: quantity, cpu: quantity, 'ephemeral-storage': quantity });
const path = z.string().startsWith('/');

const container = z.strictObject({
  name,
  image: z.string().min(1),
  imagePullPolicy: z.literal('IfNotPresent'),
  command: z.array(z.string()).min(1),
  workingDir: path,
  env: z.array(z.strictObject({ name: z.string().min(1), value: z.string() })),
  resources: z.strictObject({ limits: resources, requests: resources }),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().int().optional(),
    privileged: z.literal(false),
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.array(z.string()), add: z.array(z.string()).optional() }),
  }),
  volumeMounts: z.array(z.strictObject({ name, mountPath: path, readOnly: z.boolean().optional() })),
});

const podSpec = z.strictObject({
  restartPolicy: z.literal('Never'),
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  hostNetwork: z.boolean(),
  hostPID: z.boolean(),
  hostIPC: z.boolean(),
  hostUsers: z.literal(false).optional(),
  shareProcessNamespace: z.literal(false),
  hostname: name,
  terminationGracePeriodSeconds: z.number().int().nonnegative(),
  dnsPolicy: z.literal('None'),
  dnsConfig: z.strictObject({
    nameservers: z.tuple([z.literal('127.0.0.1')]),
    options: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  }),
  runtimeClassName: name.optional(),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().int(),
    runAsGroup: z.number().int().positive(),
    fsGroup: z.number().int().positive(),
    supplementalGroups: z.array(z.number().int()).max(0),
    seccompProfile: z.union([
      z.strictObject({ type: z.literal('RuntimeDefault') }),
      z.strictObject({ type: z.literal('Localhost'), localhostProfile: z.string().min(1) }),
    ]),
  }),
  containers: z.array(container).min(1),
  volumes: z.array(
    z.strictObject({
      name,
      emptyDir: z.strictObject({ medium: z.literal('Memory'), sizeLimit: quantity }),
    }),
  ),
});

/**
 * A job as a sandbox's is: a field that no sandbox needs is refused, and so is a promise that is missing or another than
 * ours. What pod security judges is left to pod security.
 */
export const sandboxJobSchema = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name, namespace: name, labels, annotations }),
  spec: z
    .strictObject({
      backoffLimit: z.literal(0),
      completions: z.literal(1),
      parallelism: z.literal(1),
      activeDeadlineSeconds: z.number().int().positive(),
      ttlSecondsAfterFinished: z.number().int().nonnegative(),
      template: z.strictObject({ metadata: z.strictObject({ labels, annotations }), spec: podSpec }),
    })
    .superRefine(({ template: { spec } }, context) => {
      const volumes = new Set(spec.volumes.map((volume) => volume.name));
      for (const { name: owner, volumeMounts, resources: own } of spec.containers) {
        for (const mount of volumeMounts) {
          if (!volumes.has(mount.name)) context.addIssue(`${owner} mounts ${mount.name}, which is no volume`);
        }
        const [limits, requests] = [JSON.stringify(own.limits), JSON.stringify(own.requests)];
        if (limits !== requests) context.addIssue(`${owner} may get more than it asks for`);
      }
    }),
});

export type SandboxJob = z.infer<typeof sandboxJobSchema>;
export type PodSpec = z.infer<typeof podSpec>;
export type PodContainer = z.infer<typeof container>;

/** Bytes or whole units; CPUs in thousandths where it says `m`. */
export function amountOf(text: string): number {
  const [, digits = '0', unit = ''] = /^(\d+)(\w*)$/.exec(text) ?? [];
  const factor = { '': 1, m: 0.001, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 }[unit] ?? Number.NaN;
  return Number(digits) * factor;
}
