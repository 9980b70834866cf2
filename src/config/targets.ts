import { z } from 'zod';
import { remedyKinds, riskClasses } from '../domain/plan.ts';
import { labels, name, secretRef } from './schema-words.ts';

const identifier = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/, 'must be a plain PostgreSQL identifier');

const databaseSchema = z
  .strictObject({
    name,
    url: secretRef,
    schemas: z.array(identifier).min(1).default(['public']),
    logs: labels.nullable().default(null),
    queries: z.boolean().default(false),
    readUrl: secretRef.nullable().default(null),
  })
  .refine(({ queries, readUrl }) => !queries || readUrl !== null, {
    path: ['queries'],
    message: 'needs readUrl: the URL of a role that can only read',
  });

/** A fixed prefix keeps one service's flush away from the keys of its neighbours in the same Redis. */
const keyPattern = z
  .string()
  .max(200)
  .regex(/^[^*?[\]\\\s]{2,}/, 'must begin with a fixed prefix of two characters or more, such as session:*');

const cacheSchema = z.strictObject({ name, url: secretRef, patterns: z.array(keyPattern).min(1) });

const containerName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, 'must be the name of a container');

const workloadSchema = z.union([
  z.strictObject({ name, docker: z.strictObject({ container: containerName }) }),
  z.strictObject({
    name,
    kubernetes: z.strictObject({ cluster: name, namespace: name, deployment: name }),
  }),
]);

/** Literals, classes and bounded repeats: no groups, so a hostile value cannot make the match explode. */
const plainPattern = z
  .string()
  .max(200)
  .regex(
    /^(?:[A-Za-z0-9_@:=, -]|\\[.+*?^$()[\]{}|/\\]|\[(?:[A-Za-z0-9_.@:=, /-]|\\[dw])+\]|\\[dw]|\{\d{1,3}(?:,\d{1,3})?\})+$/,
    'may have literals, classes such as [a-z0-9-] and bounded repeats such as {1,40}; no groups, no + and no *',
  )
  .refine((pattern) => {
    try {
      return new RegExp(`^${pattern}$`, 'u') instanceof RegExp;
    } catch {
      return false;
    }
  }, 'is not a regular expression');

const parameterSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('choice'), values: z.array(z.string().min(1).max(200)).min(1) }),
  z
    .strictObject({ type: z.literal('integer'), min: z.number().int(), max: z.number().int() })
    .refine(({ min, max }) => min <= max, 'has a min above its max'),
  z.strictObject({
    type: z.literal('text'),
    pattern: plainPattern,
    maxLength: z.number().int().positive().max(1000).default(200),
  }),
]);

const argv = z.array(z.string()).min(1);

const runbookSchema = z
  .strictObject({
    name,
    description: z.string().default(''),
    argv,
    parameters: z
      .record(z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'must be a word'), parameterSchema)
      .default({}),
    where: z.union([z.literal('local'), z.strictObject({ container: containerName })]).default('local'),
    timeoutSeconds: z.number().positive().max(3600).default(60),
    inverse: argv.nullable().default(null),
    risk: z.enum(riskClasses).default('medium'),
  })
  .superRefine((runbook, context) => {
    for (const [field, words] of Object.entries({ argv: runbook.argv, inverse: runbook.inverse ?? [] })) {
      for (const [index, word] of words.entries()) {
        for (const [, used = ''] of word.matchAll(/\{(\w*)\}/g)) {
          if (used in runbook.parameters) continue;
          context.addIssue({
            code: 'custom',
            path: [field, index],
            message: `uses {${used}}, which is not among its parameters`,
          });
        }
      }
      if (words[0]?.includes('{') === true) {
        context.addIssue({
          code: 'custom',
          path: [field, 0],
          message: 'the program itself must not be a parameter',
        });
      }
    }
  });

const autonomySchema = z.strictObject({
  kinds: z.array(z.enum(remedyKinds)).default([]),
  perHour: z.number().int().nonnegative().default(2),
  countdownSeconds: z.number().int().min(10, 'must leave people 10 seconds at least').default(60),
});

/** Every key of a service that names something a remedy may act on, and what may run by itself. */
export const targetSchemas = {
  autonomy: autonomySchema.default(autonomySchema.parse({})),
  databases: z.array(databaseSchema).default([]),
  caches: z.array(cacheSchema).default([]),
  configuration: z
    .array(
      z
        .string()
        .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, 'must be a path inside the repository')
        .regex(/\.(json|ya?ml|toml|ini|properties|env|conf)$/, 'must be a configuration file'),
    )
    .default([]),
  workloads: z.array(workloadSchema).default([]),
  runbooks: z.array(runbookSchema).default([]),
};

export const clusterSchema = z.strictObject({
  name,
  server: z.url({ protocol: /^https?$/ }),
  token: secretRef,
  caFile: z.string().startsWith('/', 'must be an absolute path').nullable().default(null),
});

type Named = readonly { readonly name: string }[];

interface TargetsOfFile {
  readonly clusters: Named;
  readonly services: readonly {
    readonly databases: Named;
    readonly caches: Named;
    readonly runbooks: Named;
    readonly workloads: readonly z.infer<typeof workloadSchema>[];
  }[];
}

/** What one part says of another: names that are there twice, clusters that are nowhere. */
export function checkTargets(file: TargetsOfFile, context: z.RefinementCtx): void {
  const clusters = new Set(file.clusters.map((cluster) => cluster.name));
  for (const [index, service] of file.services.entries()) {
    for (const key of ['databases', 'caches', 'workloads', 'runbooks'] as const) {
      const names = service[key].map((one) => one.name);
      for (const [at, each] of names.entries()) {
        if (names.indexOf(each) === at) continue;
        context.addIssue({
          code: 'custom',
          path: ['services', index, key, at, 'name'],
          message: `"${each}" is there twice`,
        });
      }
    }
    for (const [at, workload] of service.workloads.entries()) {
      if (!('kubernetes' in workload) || clusters.has(workload.kubernetes.cluster)) continue;
      context.addIssue({
        code: 'custom',
        path: ['services', index, 'workloads', at, 'kubernetes', 'cluster'],
        message: `"${workload.kubernetes.cluster}" is not one of the clusters of this catalogue`,
      });
    }
  }
}
