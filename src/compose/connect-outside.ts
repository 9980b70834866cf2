import { createAlertmanager } from '../adapters/alertmanager/alertmanager.ts';
import { createAnthropic } from '../adapters/anthropic/anthropic.ts';
import { createDockerSandboxes } from '../adapters/docker/docker-sandboxes.ts';
import { createGithubCredentials } from '../adapters/github/git-credentials.ts';
import { createGithub, type GithubOptions } from '../adapters/github/github.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import type { Environment } from '../config/environment.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { SandboxProvider } from '../ports/sandbox.ts';

/** What others run and we ask; nothing is asked yet. */
export function connectOutside(env: Environment) {
  const github = githubOptions(env);
  return {
    credentials: github === null ? async () => null : createGithubCredentials(github),
    codeHost: github === null ? null : createGithub(github),
    metrics:
      env.PROMETHEUS_URL === null
        ? null
        : createPrometheus({ url: env.PROMETHEUS_URL, auth: bearer(env.PROMETHEUS_TOKEN) }),
    alertSource:
      env.ALERTMANAGER_URL === null
        ? null
        : createAlertmanager({ url: env.ALERTMANAGER_URL, auth: bearer(env.ALERTMANAGER_TOKEN) }),
    sandbox: composeSandboxes(env),
    model: composeModel(env),
  };
}

function composeSandboxes(env: Environment): SandboxProvider {
  const current = (kind: string): string => `warroom/sandbox-${kind}:current`;
  return createDockerSandboxes({
    images: {
      node: env.SANDBOX_IMAGE ?? current('node'),
      python: current('python'),
      go: current('go'),
      java: current('java'),
      postgres: current('postgres'),
    },
    sideCarImages: { postgres: current('postgres'), redis: current('redis') },
    ...(env.DOCKER_HOST === null ? {} : { hosts: env.DOCKER_HOST }),
    ...(env.DOCKER_TLS_VERIFY === null ? {} : { tls: { certPath: env.DOCKER_CERT_PATH } }),
    ...(env.SANDBOX_RUNTIME === null ? {} : { runtime: env.SANDBOX_RUNTIME }),
    watch: { 'the work folder': env.DATA_DIR },
  });
}

function composeModel(env: Environment): LanguageModel | null {
  if (env.ANTHROPIC_API_KEY === null || env.INVESTIGATOR === 'evidence') return null;
  return createAnthropic({
    apiKey: env.ANTHROPIC_API_KEY,
    baseUrl: env.ANTHROPIC_BASE_URL,
    model: env.CLAUDE_MODEL,
  });
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
