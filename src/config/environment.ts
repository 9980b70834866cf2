import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { WarroomError } from '../platform/errors.ts';
import { type DockerHost, parseDockerHosts } from './docker-hosts.ts';

export class ConfigInvalid extends WarroomError {
  readonly code = 'config_invalid';
}

const text = z.string().trim().min(1);
const optional = text.nullable().default(null);
const optionalUrl = z
  .url({ protocol: /^https?$/ })
  .nullable()
  .default(null);

/**
 * Every environment variable that Warroom reads. `.env.example` lists the same names (a test compares them). An empty
 * value counts as absent.
 */
export const environmentSchema = z
  .object({
    HOST: text.default('0.0.0.0'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    PUBLIC_URL: optionalUrl,
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    WARROOM_SECRET: z
      .string()
      .min(16, 'must have at least 16 characters; make one with: openssl rand -hex 32'),
    WARROOM_API_TOKEN: optional,

    CATALOGUE_FILE: text.default('warroom.yaml'),
    DATA_DIR: text.default('.warroom/data'),
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .nullable()
      .default(null),
    REDIS_URL: z
      .url({ protocol: /^rediss?$/ })
      .nullable()
      .default(null),

    SLACK_BOT_TOKEN: optional,
    SLACK_SIGNING_SECRET: optional,
    SLACK_APP_TOKEN: optional,
    SLACK_API_URL: optionalUrl,

    GITHUB_TOKEN: optional,
    GITHUB_APP_ID: optional,
    GITHUB_APP_INSTALLATION_ID: optional,
    GITHUB_APP_PRIVATE_KEY: optional,
    GITHUB_API_URL: z.url({ protocol: /^https?$/ }).default('https://api.github.com'),
    GITHUB_WEBHOOK_SECRET: optional,
    MIRROR_CACHE_GB: z.coerce.number().positive().default(20),

    ANTHROPIC_API_KEY: optional,
    ANTHROPIC_BASE_URL: optionalUrl,
    CLAUDE_MODEL: text.default('claude-sonnet-5-5'),
    INVESTIGATOR: z.enum(['auto', 'evidence', 'claude']).default('auto'),
    INVESTIGATION_AGENTS: z.enum(['several', 'single']).nullable().default(null),

    PROMETHEUS_URL: optionalUrl,
    PROMETHEUS_TOKEN: optional,
    ALERTMANAGER_URL: optionalUrl,
    ALERTMANAGER_TOKEN: optional,
    ALERTMANAGER_WEBHOOK_TOKEN: optional,
    ALERTMANAGER_WEBHOOK_USER: optional,
    ALERTMANAGER_WEBHOOK_PASSWORD: optional,
    TELEMETRY_TOKEN: optional,

    DOCKER_HOST: text.nullable().default(null).transform(readDockerHosts),
    DOCKER_TLS_VERIFY: optional,
    DOCKER_CERT_PATH: text.default(path.join(os.homedir(), '.docker')),
    SANDBOX_PROVIDER: z.enum(['docker', 'kubernetes']).default('docker'),
    SANDBOX_CLUSTER: optional,
    SANDBOX_NAMESPACE: text.default('warroom-sandboxes'),
    SANDBOX_IMAGE_PREFIX: text.default('warroom/sandbox-'),
    SANDBOX_IMAGE: optional,
    SANDBOX_RUNTIME: optional,
  })
  .superRefine((env, context) => {
    const need = (name: string, because: string) =>
      context.addIssue({ code: 'custom', path: [name], message: `is required ${because}` });
    if (env.SLACK_BOT_TOKEN !== null && env.SLACK_SIGNING_SECRET === null && env.SLACK_APP_TOKEN === null) {
      need('SLACK_SIGNING_SECRET', 'with SLACK_BOT_TOKEN (or set SLACK_APP_TOKEN to use Socket Mode)');
    }
    if (env.SLACK_BOT_TOKEN === null && (env.SLACK_SIGNING_SECRET !== null || env.SLACK_APP_TOKEN !== null)) {
      need('SLACK_BOT_TOKEN', 'when another SLACK_ variable is set');
    }
    if (env.INVESTIGATOR === 'claude' && env.ANTHROPIC_API_KEY === null) {
      need('ANTHROPIC_API_KEY', 'with INVESTIGATOR=claude');
    }
    if (env.SANDBOX_PROVIDER === 'kubernetes' && env.SANDBOX_CLUSTER === null) {
      need('SANDBOX_CLUSTER', 'with SANDBOX_PROVIDER=kubernetes: the name of a cluster of the catalogue');
    }
    const app = [env.GITHUB_APP_ID, env.GITHUB_APP_INSTALLATION_ID, env.GITHUB_APP_PRIVATE_KEY];
    if (app.some((value) => value !== null) && app.some((value) => value === null)) {
      need(
        'GITHUB_APP_ID',
        'together with GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY, all three or none',
      );
    }
    if (env.ALERTMANAGER_WEBHOOK_TOKEN === null && env.ALERTMANAGER_WEBHOOK_PASSWORD === null) {
      need(
        'ALERTMANAGER_WEBHOOK_TOKEN',
        'so that nobody else can post alerts (or set ..._USER and ..._PASSWORD)',
      );
    }
    if ((env.ALERTMANAGER_WEBHOOK_USER === null) !== (env.ALERTMANAGER_WEBHOOK_PASSWORD === null)) {
      need('ALERTMANAGER_WEBHOOK_USER', 'together with ALERTMANAGER_WEBHOOK_PASSWORD, both or none');
    }
  });

export type Environment = z.infer<typeof environmentSchema>;

/** @throws ConfigInvalid naming every problem at once. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const present = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigInvalid(
      `The environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.join('\n')}\n`,
      'Compare your .env with .env.example.',
    );
  }
  return parsed.data;
}

/** Null: where a Docker client finds one by itself. */
function readDockerHosts(list: string | null, context: z.RefinementCtx): readonly DockerHost[] | null {
  if (list === null) return null;
  const hosts = parseDockerHosts(list);
  if (!('problem' in hosts)) return hosts;
  context.addIssue({ code: 'custom', message: hosts.problem });
  return z.NEVER;
}
