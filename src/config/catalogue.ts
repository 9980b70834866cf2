import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Catalogue, Service } from '../domain/service.ts';
import { ConfigInvalid } from './environment.ts';
import { type Policy, policySchema } from './policy.ts';
import { labels, name, people } from './schema-words.ts';
import { checkSandboxes, completeSandbox, sandboxSchema } from './service-sandbox.ts';
import { checkTargets, clusterSchema, targetSchemas } from './targets.ts';

const serviceSchema = z.strictObject({
  name,
  description: z.string().default(''),
  repository: z.strictObject({
    url: z
      .string()
      .regex(/^(https?|file):\/\//, 'must be an https or file URL to clone from (ssh is not supported)'),
    slug: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name as on the code host'),
    branch: z.string().default('main'),
  }),
  owners: people.default([]),
  approvers: people.default([]),
  onCall: people.default([]),
  fallbackApprovers: people.default([]),
  language: z.enum(['node', 'python', 'go', 'java']),
  testCommand: z.array(z.string()).min(1),
  metrics: labels.optional(),
  logs: labels.optional(),
  dependsOn: z.array(name).default([]),
  docs: z.array(z.string()).default([]),
  dashboards: z.array(z.url({ protocol: /^https?$/ })).default([]),
  mode: z.enum(['observe', 'assist', 'semi-auto', 'collaborative']).default('assist'),
  sandbox: sandboxSchema.default(sandboxSchema.parse({})),
  ...targetSchemas,
});

const fileSchema = z
  .strictObject({
    services: z.array(serviceSchema).min(1),
    clusters: z.array(clusterSchema).default([]),
    policy: policySchema.default(policySchema.parse({})),
  })
  .superRefine((file, context) => {
    const names = file.services.map((service) => service.name);
    checkTargets(file, context);
    checkSandboxes(file.services, context);
    for (const [index, rule] of file.policy.risk.atLeast.entries()) {
      if (rule.service === undefined || names.includes(rule.service)) continue;
      context.addIssue({
        code: 'custom',
        path: ['policy', 'risk', 'atLeast', index, 'service'],
        message: `"${rule.service}" is not a service of this catalogue, so the rule would never hold`,
      });
    }
    for (const [index, service] of file.services.entries()) {
      if (names.indexOf(service.name) !== index) {
        context.addIssue({
          code: 'custom',
          path: ['services', index, 'name'],
          message: `"${service.name}" is there twice`,
        });
      }
      for (const [at, dependency] of service.dependsOn.entries()) {
        if (!names.includes(dependency)) {
          context.addIssue({
            code: 'custom',
            path: ['services', index, 'dependsOn', at],
            message: `"${dependency}" is not a service of this catalogue`,
          });
        }
      }
    }
  });

/** @throws ConfigInvalid naming file, line and what to change, for every problem at once. */
export function parseCatalogue(source: string, file: string): { catalogue: Catalogue; policy: Policy } {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, maxAliasCount: 50 } as Parameters<
    typeof parseDocument
  >[1]);
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) => `  ${file}:${error.linePos?.[0].line ?? '?'}: ${error.message.split('\n')[0]}`,
    );
    throw new ConfigInvalid(
      `The catalogue is not valid YAML:\n${problems.join('\n')}\n`,
      'Correct it at the line named.',
    );
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    throw new ConfigInvalid(`The catalogue ${file} uses too many aliases.`, 'Write the values out instead.', {
      cause,
    });
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const where = lines.linePos(offsetOf(document.contents, placeOf(issue))).line;
      return `  ${file}:${where}: ${issue.path.join('.') || 'file'}: ${issue.message}`;
    });
    throw new ConfigInvalid(
      `The catalogue has problems:\n${problems.join('\n')}\n`,
      'Each is at the line named; docs/catalogue.md describes every key.',
    );
  }
  return {
    catalogue: { services: parsed.data.services.map(withDefaults), clusters: parsed.data.clusters },
    policy: parsed.data.policy,
  };
}

export async function readCatalogue(path: string): Promise<{ catalogue: Catalogue; policy: Policy }> {
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigInvalid(
      `The service catalogue ${path} cannot be read.`,
      'Copy docs/warroom.example.yaml to warroom.yaml and name your services, or point CATALOGUE_FILE at yours.',
      { cause },
    );
  }
  return parseCatalogue(source, path);
}

function withDefaults(service: z.infer<typeof serviceSchema>): Service {
  return {
    ...service,
    metrics: service.metrics ?? { service: service.name },
    logs: service.logs ?? { service: service.name },
    sandbox: completeSandbox(service),
  };
}

/** An unknown key is reported on its parent; the key itself is what the reader looks for. */
function placeOf(issue: z.core.$ZodIssue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
}

/** Where in the file the deepest existing node on `path` begins. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number {
  let node = root;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
