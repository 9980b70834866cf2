import {
  ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  NetworkingV1Api,
  PolicyV1Api,
  ServerConfiguration,
} from '@kubernetes/client-node';
import type { Cluster } from '../../domain/service.ts';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import { AccessRefused, NotFound } from '../../ports/runtime.ts';
import type { Secrets } from '../../ports/secrets.ts';

export interface ClusterApi {
  readonly apps: AppsV1Api;
  readonly policy: PolicyV1Api;
  readonly batch: BatchV1Api;
  readonly core: CoreV1Api;
  readonly networking: NetworkingV1Api;
  /** For what is no plain request: an exec's connection. Holds the token. */
  readonly config: KubeConfig;
}

const answerTimeoutMs = 15_000;

/** The client for one call: the token is read now, and each request ends with `signal` or after 15 s. */
export async function openCluster(
  cluster: Cluster,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<ClusterApi> {
  const server = new URL(cluster.server);
  const inTheClear = server.protocol === 'http:';
  if (inTheClear && !['127.0.0.1', 'localhost', '[::1]'].includes(server.hostname)) {
    throw new SourceRefused(
      `The token of cluster ${cluster.name} would travel in the clear.`,
      'Write an https:// address into the catalogue; http:// is for a proxy on this machine alone.',
    );
  }
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: cluster.name,
        server: cluster.server,
        // the client's own way to allow plain http; for https the certificate is always checked
        skipTLSVerify: inTheClear,
        ...(cluster.caFile === null ? {} : { caFile: cluster.caFile }),
      },
    ],
    users: [{ name: 'warroom', token: await secrets.read(cluster.token) }],
    contexts: [{ name: cluster.name, cluster: cluster.name, user: 'warroom' }],
    currentContext: cluster.name,
  });
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server.replace(/\/$/, ''), {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        async pre(request) {
          request.setSignal(AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]));
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
  return {
    apps: new AppsV1Api(configuration),
    policy: new PolicyV1Api(configuration),
    batch: new BatchV1Api(configuration),
    core: new CoreV1Api(configuration),
    networking: new NetworkingV1Api(configuration),
    config,
  };
}

export type Answer<T> =
  | { readonly kind: 'given'; readonly value: T }
  /** Somebody changed the object since it was read. */
  | { readonly kind: 'conflict' }
  /** It may not be so, or some rule of the cluster forbids it. */
  | { readonly kind: 'denied'; readonly reason: string };

/**
 * One request. What the API says no to is an answer; the rest is thrown.
 * @param what for the error: `deployment shop/orders`
 */
export async function askCluster<T>(
  { name }: Cluster,
  what: string,
  request: Promise<T>,
  signal: AbortSignal,
): Promise<Answer<T>> {
  try {
    return { kind: 'given', value: await request };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ApiException)) {
      if (error instanceof RangeError || (error instanceof TypeError && error.cause === undefined))
        throw error;
      throw new SourceUnreachable(
        `Cluster ${name} gave no answer on ${what}${detailOf(error)}.`,
        'Check `server` and `caFile` of the cluster in the catalogue, and network access from Warroom.',
      );
    }
    // the client's error carries headers and bodies: only status and message are taken
    const { code } = error;
    const said = messageOf(error.body);
    if (code === 409) return { kind: 'conflict' };
    if (code === 404) throw new NotFound(`Cluster ${name} has no ${what}.`, 'Check the catalogue.');
    if (code === 401) {
      throw new AccessRefused(
        `Cluster ${name} does not accept our token.`,
        'Renew the token that the catalogue names for this cluster.',
      );
    }
    if (code === 429 || code >= 500) {
      throw new SourceUnreachable(`Cluster ${name} cannot answer now (HTTP ${code}).`, 'It is tried again.');
    }
    return { kind: 'denied', reason: `HTTP ${code}: ${said}` };
  }
}

/** @throws AccessRefused for whatever is not given */
export function given<T>({ name }: Cluster, what: string, answer: Answer<T>): T {
  if (answer.kind === 'given') return answer.value;
  const why = answer.kind === 'denied' ? ` (${answer.reason})` : '';
  throw new AccessRefused(
    `Cluster ${name} refused us ${what}${why}.`,
    'The token needs get and patch on deployments, and list on poddisruptionbudgets, in this namespace.',
  );
}

function detailOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error && 'code' in inner ? ` (${String(inner.code)})` : '';
}

/** The `Status` object that the API answers with, as a type of ours and bounded. */
function messageOf(body: unknown): string {
  let status = body;
  try {
    if (typeof body === 'string') status = JSON.parse(body);
  } catch {
    return 'no reason given';
  }
  const message = (status as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message.slice(0, 300) : 'no reason given';
}
