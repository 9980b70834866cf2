import { createAlertmanager } from '../adapters/alertmanager/alertmanager.ts';
import { createAnthropic } from '../adapters/anthropic/anthropic.ts';
import { createGithubCredentials } from '../adapters/github/git-credentials.ts';
import { createGithub, type GithubOptions } from '../adapters/github/github.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { maskModel } from '../agents/mask-model.ts';
import type { Environment } from '../config/environment.ts';
import type { KnownSecrets } from '../platform/known-secrets.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { environmentSecrets } from './learn-secrets.ts';

/** What others run and we ask; nothing is asked yet. */
export function connectOutside(env: Environment, secrets: KnownSecrets = environmentSecrets(env)) {
  const github = githubOptions(env);
  const ask = github === null ? null : createGithubCredentials(github);
  return {
    credentials: ask === null ? async () => null : learning(ask, secrets),
    codeHost: github === null ? null : createGithub(github),
    metrics:
      env.PROMETHEUS_URL === null
        ? null
        : createPrometheus({ url: env.PROMETHEUS_URL, auth: bearer(env.PROMETHEUS_TOKEN) }),
    alertSource:
      env.ALERTMANAGER_URL === null
        ? null
        : createAlertmanager({ url: env.ALERTMANAGER_URL, auth: bearer(env.ALERTMANAGER_TOKEN) }),
    model: composeModel(env, secrets, env.CLAUDE_MODEL),
    /** For a task that the policy gives a model of its own. */
    modelNamed: (name: string | undefined) => composeModel(env, secrets, name ?? env.CLAUDE_MODEL),
  };
}

/** Tokens of a GitHub App are made anew every hour. */
function learning(
  ask: ReturnType<typeof createGithubCredentials>,
  secrets: KnownSecrets,
): ReturnType<typeof createGithubCredentials> {
  return async (url, signal) => {
    const found = await ask(url, signal);
    if (found !== null) secrets.learn(found.password);
    return found;
  };
}

function composeModel(env: Environment, secrets: KnownSecrets, name: string): LanguageModel | null {
  if (env.ANTHROPIC_API_KEY === null || env.INVESTIGATOR === 'evidence') return null;
  const model = createAnthropic({
    apiKey: env.ANTHROPIC_API_KEY,
    baseUrl: env.ANTHROPIC_BASE_URL,
    model: name,
  });
  return maskModel(model, secrets);
}

/** Null: no code host is connected, and only public repositories can be cloned. */
function githubOptions(env: Environment): GithubOptions | null {
  const apiUrl = env.GITHUB_API_URL;
  if (
    env.GITHUB_APP_ID !== null &&
    env.GITHUB_APP_INSTALLATION_ID !== null &&
    env.GITHUB_APP_PRIVATE_KEY !== null
  ) {
    return {
      apiUrl,
      auth: {
        kind: 'app',
        appId: env.GITHUB_APP_ID,
        installationId: env.GITHUB_APP_INSTALLATION_ID,
        privateKey: env.GITHUB_APP_PRIVATE_KEY.replaceAll('\\n', '\n'),
      },
    };
  }
  return env.GITHUB_TOKEN === null ? null : { apiUrl, auth: { kind: 'token', token: env.GITHUB_TOKEN } };
}

function bearer(token: string | null): { kind: 'bearer'; token: string } | null {
  return token === null ? null : { kind: 'bearer', token };
}
