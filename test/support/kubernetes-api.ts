import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A stand-in for the Kubernetes API, for want of a cluster on a test machine. It is NOT Kubernetes: it knows one deployment
 * and its disruption budgets, and it is strict where a real server is lenient. Method, path, query, content type,
 * authorization and every field of a patch must be exactly what a restart sends; a patch must be rehearsed with the same
 * body (`dryRun=All`) before it is sent in earnest. Whatever is not so is answered with an error and kept in `violations`.
 * The rollout that follows is played in a few reads; admission, RBAC and real scheduling are not.
 */
export interface KubernetesApi {
  readonly url: string;
  /** Requests that no restart should send. */
  readonly violations: readonly string[];
  /** `GET deployment`, `PATCH deployment dry-run`, `PATCH deployment`, `GET budgets`, in order. */
  readonly log: readonly string[];
  /** Patches that took effect. */
  readonly restarts: () => number;
  deployment(): DeploymentRow;
  /** What somebody else does to the deployment: a release, a change of its status. */
  change(change: (row: DeploymentRow) => void): void;
  readonly faults: {
    /** The next patch in earnest takes effect, and its answer is lost. */
    losePatch: boolean;
    /** The status changes between the next read and the next patch. */
    race: boolean;
    /** A rule of the cluster forbids it. */
    deny: string | null;
    /** New pods never become ready. */
    stuck: boolean;
    /** Answered to everything. */
    status: number | null;
    denyBudgets: boolean;
  };
  stop(): Promise<void>;
}

export interface DeploymentRow {
  namespace: string;
  name: string;
  replicas: number;
  image: string;
  paused: boolean;
  strategy: object;
  generation: number;
  version: number;
  annotations: Record<string, string>;
  templateAnnotations: Record<string, string>;
  /** Reads until the rollout is done; 0: it is. */
  rolling: number;
}

const keyAnnotation = 'warroom/restart-key';
const restartedAt = 'kubectl.kubernetes.io/restartedAt';

export async function startKubernetesApi(token: string): Promise<KubernetesApi> {
  const violations: string[] = [];
  const log: string[] = [];
  let restarts = 0;
  let rehearsed = '';
  const faults: KubernetesApi['faults'] = {
    losePatch: false,
    race: false,
    deny: null,
    stuck: false,
    status: null,
    denyBudgets: false,
  };
  const row: DeploymentRow = {
    namespace: 'shop',
    name: 'orders',
    replicas: 3,
    image: 'registry.example/orders:1.4.2',
    paused: false,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    generation: 1,
    version: 100,
    annotations: { 'deployment.kubernetes.io/revision': '1' },
    templateAnnotations: {},
    rolling: 0,
  };
  const path = () => `/apis/apps/v1/namespaces/${row.namespace}/deployments/${row.name}`;
  const budgetsPath = () => `/apis/policy/v1/namespaces/${row.namespace}/poddisruptionbudgets`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://stand-in');
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const refuse = (status: number, message: string): void =>
      send(status, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status });
    const violate = (message: string): void => {
      violations.push(`${request.method} ${request.url}: ${message}`);
      refuse(400, message);
    };

    if (request.headers.authorization !== `Bearer ${token}`) return refuse(401, 'Unauthorized');
    if (faults.status !== null) return refuse(faults.status, 'the server says so');
    if (request.method === 'GET' && url.pathname === budgetsPath() && url.search === '') {
      log.push('GET budgets');
      return faults.denyBudgets ? refuse(403, 'budgets is forbidden') : send(200, budgetsOf(row));
    }
    if (!url.pathname.startsWith('/apis/apps/v1/namespaces/')) return violate('no such path');
    if (url.pathname !== path()) return refuse(404, 'deployments.apps not found');
    if (request.method === 'GET' && url.search === '') {
      log.push('GET deployment');
      if (row.rolling > 0 && !faults.stuck) row.rolling -= 1;
      send(200, deploymentOf(row, faults.stuck));
      if (faults.race) {
        faults.race = false;
        row.version += 1;
      }
      return;
    }
    if (request.method !== 'PATCH') return violate('only GET and PATCH are for restarts');

    if (request.headers['content-type'] !== 'application/strategic-merge-patch+json')
      return violate(`content type ${request.headers['content-type']}`);
    const dryRun = url.searchParams.get('dryRun');
    const expected = {
      fieldManager: 'warroom',
      fieldValidation: 'Strict',
      ...(dryRun === null ? {} : { dryRun: 'All' }),
    };
    if (!sameFields(Object.fromEntries(url.searchParams), expected)) return violate(`query ${url.search}`);
    const text = await readBody(request);
    const wrong = whyNoRestart(text);
    if (wrong !== null) return violate(wrong);
    const body = JSON.parse(text) as RestartPatch;
    log.push(dryRun === null ? 'PATCH deployment' : 'PATCH deployment dry-run');
    if (body.metadata.resourceVersion !== String(row.version))
      return refuse(409, 'the object has been modified; please apply your changes to the latest version');
    if (faults.deny !== null) return refuse(403, faults.deny);
    if (dryRun !== null) {
      rehearsed = text;
      return send(200, deploymentOf(row, faults.stuck));
    }
    if (rehearsed !== text) return violate('not rehearsed with the same body');

    restarts += 1;
    row.generation += 1;
    row.version += 1;
    row.rolling = 4;
    Object.assign(row.annotations, body.metadata.annotations);
    Object.assign(row.templateAnnotations, body.spec.template.metadata.annotations);
    if (faults.losePatch) {
      faults.losePatch = false;
      request.socket.destroy();
      return;
    }
    send(200, deploymentOf(row, faults.stuck));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      violations.push(String(error));
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    violations,
    log,
    restarts: () => restarts,
    deployment: () => structuredClone(row),
    change(change) {
      change(row);
      row.version += 1;
    },
    faults,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface RestartPatch {
  metadata: { resourceVersion: string; annotations: Record<string, string> };
  spec: { template: { metadata: { annotations: Record<string, string> } } };
}

/** A patch may change two annotations and nothing else in the world. */
function whyNoRestart(text: string): string | null {
  const { metadata, spec, ...more } = JSON.parse(text) as Record<string, Record<string, unknown>>;
  const annotations = (metadata?.['annotations'] ?? {}) as Record<string, unknown>;
  const template = (spec?.['template'] ?? {}) as Record<string, Record<string, unknown>>;
  const inner = (template['metadata']?.['annotations'] ?? {}) as Record<string, unknown>;
  const shape = [
    [Object.keys(more), []],
    [Object.keys(metadata ?? {}), ['annotations', 'resourceVersion']],
    [Object.keys(annotations), [keyAnnotation]],
    [Object.keys(spec ?? {}), ['template']],
    [Object.keys(template), ['metadata']],
    [Object.keys(template['metadata'] ?? {}), ['annotations']],
    [Object.keys(inner), [restartedAt]],
  ] as const;
  for (const [given, wanted] of shape)
    if (given.toSorted().join() !== wanted.join())
      return `a restart has [${wanted.join()}], not [${given.join()}]`;
  if (typeof annotations[keyAnnotation] !== 'string' || annotations[keyAnnotation] === '') return 'no key';
  const at = inner[restartedAt];
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? null : 'no time of the restart';
}

function deploymentOf(row: DeploymentRow, stuck: boolean): object {
  const labels = { app: row.name };
  const done = row.rolling === 0;
  const updated = done ? row.replicas : Math.min(row.replicas, 4 - row.rolling);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: row.name,
      namespace: row.namespace,
      uid: '0b8c1f0e-5a7f-4a36-8c07-0f4b9f5d1a11',
      generation: row.generation,
      resourceVersion: String(row.version),
      annotations: row.annotations,
    },
    spec: {
      replicas: row.replicas,
      paused: row.paused,
      selector: { matchLabels: labels },
      strategy: row.strategy,
      template: {
        metadata: { labels, annotations: row.templateAnnotations },
        spec: { terminationGracePeriodSeconds: 30, containers: [{ name: 'app', image: row.image }] },
      },
    },
    status: {
      // the controller sees a change only some time after it
      observedGeneration: row.rolling >= 4 && !stuck ? row.generation - 1 : row.generation,
      replicas: done ? row.replicas : row.replicas + 1,
      updatedReplicas: updated,
      readyReplicas: row.replicas,
      availableReplicas: row.replicas,
      ...(done ? {} : { unavailableReplicas: 1 }),
      conditions:
        stuck && !done ? [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] : [],
    },
  };
}

function budgetsOf(row: DeploymentRow): object {
  const budget = (name: string, selector: object) => ({
    metadata: { name, namespace: row.namespace },
    spec: { minAvailable: 2, selector },
    status: { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 },
  });
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudgetList',
    metadata: {},
    items: [
      budget('orders-budget', { matchLabels: { app: row.name } }),
      budget('others-budget', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [row.name] }] }),
    ],
  };
}

function sameFields(a: Record<string, string>, b: Record<string, string>): boolean {
  return (
    Object.keys(a).length === Object.keys(b).length && Object.keys(b).every((name) => a[name] === b[name])
  );
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
