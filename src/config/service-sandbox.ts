import { z } from 'zod';
import type { ServiceSandbox } from '../domain/service.ts';
import { name } from './schema-words.ts';

/**
 * What tests read where their servers are. A list of what is allowed, since what is harmful has no end: loaders, runtimes,
 * shells and git all take orders from variables.
 */
const allowedNames = [
  /^(?:[A-Z][A-Z0-9]*_)+(?:URL|URI|DSN|HOST|PORT|USER|USERNAME|PASSWORD|DB|DATABASE|SCHEMA|NAME|ENV|LEVEL)$/,
  /^PG(?:HOST|PORT|USER|PASSWORD|DATABASE)$/,
  /^(?:APP|FEATURE|TEST)_[A-Z0-9_]+$/,
  /^TZ$/,
];
const refusedNames =
  /^(?:LD|DYLD|GLIBC|NODE|NPM|GIT|SSH|BASH|ZSH|PYTHON|PYTEST|PIP|PERL|RUBY|JAVA|JDK|JVM|MAVEN|GRADLE|GO|CGO|TMP|XDG)_/;

const notAllowed =
  'is not a variable that a catalogue may set: …_URL, …_HOST, …_PORT, …_USER, …_PASSWORD, …_DATABASE, …_NAME, …_ENV, …_LEVEL, PGHOST and its like, APP_…, FEATURE_…, TEST_… and TZ are';

const variableValue = z
  .string()
  .max(500)
  .regex(/^[^\p{Cc}]*$/u, 'must be one line')
  .refine(
    isNoCredential,
    'has a user and a password for a server elsewhere: a sandbox reaches only 127.0.0.1, and a credential is never written into the catalogue',
  );

export const sandboxSchema = z.strictObject({
  sideCars: z
    .array(z.enum(['postgres', 'redis']))
    .refine((kinds) => new Set(kinds).size === kinds.length, 'names one twice')
    .default([]),
  database: name.nullable().default(null),
  environment: z
    .record(z.string(), variableValue)
    .superRefine((variables, context) => {
      for (const name of Object.keys(variables)) {
        if (!isAllowed(name)) context.addIssue({ code: 'custom', path: [name], message: notAllowed });
      }
    })
    .default({}),
});

interface SandboxOfFile {
  readonly databases: readonly { readonly name: string }[];
  readonly sandbox: z.infer<typeof sandboxSchema>;
}

/** A PostgreSQL beside the sandbox has the schema of one of the service's databases; which one must be plain. */
export function checkSandboxes(services: readonly SandboxOfFile[], context: z.RefinementCtx): void {
  for (const [index, { sandbox, databases }] of services.entries()) {
    const refuse = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: ['services', index, 'sandbox', key], message });
    const names = databases.map((database) => database.name);
    const known = names.join(', ');
    if (!sandbox.sideCars.includes('postgres')) {
      if (sandbox.database !== null) refuse('database', 'is only for sideCars with postgres');
    } else if (names.length === 0) {
      refuse('sideCars', 'has postgres, whose schema comes from the databases of the service: it names none');
    } else if (sandbox.database === null && names.length > 1) {
      refuse('sideCars', `has postgres, and the service several databases: say which in database (${known})`);
    } else if (sandbox.database !== null && !names.includes(sandbox.database)) {
      refuse('database', `"${sandbox.database}" is not one of the databases of the service (${known})`);
    }
  }
}

export function completeSandbox({ sandbox, databases }: SandboxOfFile): ServiceSandbox {
  const database = sandbox.sideCars.includes('postgres') ? (databases[0]?.name ?? null) : null;
  return { ...sandbox, database: sandbox.database ?? database };
}

function isAllowed(name: string): boolean {
  return name.length <= 63 && allowedNames.some((form) => form.test(name)) && !refusedNames.test(name);
}

function isNoCredential(value: string): boolean {
  const [, host] = /^[\w+.-]+:\/\/[^\s/]*:[^\s/]*@(\[[^\]]*\]|[^\s:/?#]*)/.exec(value) ?? [];
  return host === undefined || ['127.0.0.1', 'localhost', '[::1]'].includes(host);
}
