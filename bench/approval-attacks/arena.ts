import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import type { Policy } from '../../src/config/policy.ts';
import type { Plan, RemedyKind, RiskClass } from '../../src/domain/plan.ts';
import type { Catalogue, Service } from '../../src/domain/service.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { planKey } from '../../src/flow/incident/show.ts';
import {
  advance,
  askAgent,
  decidePlan,
  delegate,
  haltExecution,
  liftHalt,
  proposePlan,
  recordShown,
  renewPlan,
  requestUndo,
  revokeDelegations,
  stopPlan,
} from '../../src/flow/index.ts';
import { buildPlan } from '../../src/flow/planning/build-plan.ts';
import { offerPlan } from '../../src/flow/planning/offer-plan.ts';
import type { Json } from '../../src/platform/canonical-json.ts';
import { newId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app.ts';
import type { FlowActions } from '../../src/slack/flow-actions.ts';
import { createWebClient } from '../../src/slack/web-client.ts';
import { anIncident, aService } from '../../test/support/builders.ts';
import { createTestDatabase } from '../../test/support/databases.ts';
import { flowOn, noQueue } from '../flow-on.ts';
import { Ledger } from './ledger.ts';
import { SlackDoor } from './slack-door.ts';
import { createTarget, type Shape, type Target } from './target.ts';
import { World } from './world.ts';

export const signingSecret = 'the-secret-that-only-slack-knows';
export const botToken = 'xoxb-bench';

/** What a scene is about; everything else is ordinary. */
export interface Staging {
  readonly risk?: RiskClass;
  /** Steps, by service. */
  readonly on?: readonly string[];
  readonly kind?: RemedyKind;
  readonly params?: Readonly<Record<string, Json>>;
  readonly shape?: Shape;
  readonly requestedBy?: readonly string[];
  readonly services?: readonly Service[];
  readonly policy?: Partial<Policy>;
  readonly world?: World;
  /** Rests on evidence that the public cannot write. */
  readonly hardEvidence?: boolean;
  /** False: the room has no channel yet, so that the card is nowhere to be seen. */
  readonly delivered?: boolean;
}

/** What operators have decided, in every process. */
export const arenaPolicy: Partial<Policy> = {
  breakGlass: { people: ['@glass'], announceTo: '#general' },
  haltLifters: ['@lifters'],
};

/** A plan before people. */
export interface Staged {
  readonly flow: FlowContext;
  readonly world: World;
  readonly plan: Plan;
  readonly channelId: string;
}

const ordinary = { approvers: ['@owners'], onCall: ['@duty'], fallbackApprovers: [] };

export const services: readonly Service[] = [
  aService({ name: 'ledger', ...ordinary }),
  aService({ name: 'mailer', ...ordinary, approvers: ['@others'], onCall: [] }),
];

/** The whole product between a signed request and a target that counts, on a database of its own. */
export class Arena {
  readonly ledger: Ledger;
  readonly target: Target;
  readonly flow: FlowContext;
  readonly databaseUrl: string;
  readonly slack: LocalSlack;
  readonly door: SlackDoor;
  readonly client;
  readonly token = botToken;
  readonly answersUrl: string;
  readonly #app: SlackApp;
  readonly #pool: Pool;
  readonly #close: () => Promise<void>;
  readonly #flows: Map<string, FlowContext>;
  readonly #busy: (id: string) => number;
  #named = 0;

  constructor(parts: {
    ledger: Ledger;
    target: Target;
    flow: FlowContext;
    databaseUrl: string;
    slack: LocalSlack;
    door: SlackDoor;
    answersUrl: string;
    app: SlackApp;
    pool: Pool;
    flows: Map<string, FlowContext>;
    busy: (id: string) => number;
    close: () => Promise<void>;
  }) {
    this.ledger = parts.ledger;
    this.target = parts.target;
    this.flow = parts.flow;
    this.databaseUrl = parts.databaseUrl;
    this.slack = parts.slack;
    this.door = parts.door;
    this.answersUrl = parts.answersUrl;
    this.#app = parts.app;
    this.#pool = parts.pool;
    this.#flows = parts.flows;
    this.#busy = parts.busy;
    this.#close = parts.close;
    this.client = createWebClient(botToken, parts.slack.apiUrl, silentLog);
  }

  /** A word that no other scene has. */
  name(prefix: string): string {
    this.#named += 1;
    return `${prefix}-${this.#named}`;
  }

  /** Somebody who is in no other scene; Slack's ids are upper-case. */
  person(): string {
    this.#named += 1;
    return `UX${String(this.#named).padStart(7, '0')}`;
  }

  /** What concerns this plan, incident or person is judged in this flow. */
  route(id: string, flow: FlowContext): void {
    this.#flows.set(id, flow);
  }

  /** By SQL, past every trigger: what somebody with the database's own password can do. */
  async tamper(statement: string, values: readonly unknown[] = []): Promise<void> {
    await this.#pool.query(statement, [...values]);
  }

  /** An incident with a plan before people: made by the product's own code, its card in a channel of the local Slack. */
  async stage(staging: Staging = {}): Promise<Staged> {
    const { record } = this.flow;
    const world = staging.world ?? new World();
    const catalogue: Catalogue = { services: staging.services ?? services, clusters: [] };
    const policy = { ...this.flow.policy, ...staging.policy };
    const flow: FlowContext = { ...this.flow, directory: world, catalogue, policy };
    const on = staging.on ?? [catalogue.services[0]?.name ?? 'ledger'];
    const id = newId();
    const channelName = `inc-${id.toLowerCase().slice(-20)}`;
    const channelId = staging.delivered === false ? null : await this.#openChannel(channelName);
    const incident = anIncident({
      id,
      stage: 'approval',
      status: 'identified',
      services: on,
      openedAt: new Date(),
      startedAt: new Date(),
      channelName,
      channelId,
    });
    await record.incidents.insert(incident);
    this.route(id, flow);
    const evidence = staging.hardEvidence === true ? await this.#hardEvidence(id) : [];
    const remedies = on.map((service) => {
      const name = this.name('limit');
      this.target.shapes.set(name, {
        ...staging.shape,
        facts: { ...(staging.risk === undefined ? {} : { base: staging.risk }), ...staging.shape?.facts },
      });
      return {
        kind: staging.kind ?? ('restart-service' as const),
        service,
        params: { name, ...staging.params },
      };
    });
    const requestedBy = staging.requestedBy ?? [];
    const wish = { remedies, evidence, requestedBy, createdBy: requestedBy[0] ?? `agent:${on[0]}` };
    const built = await buildPlan(flow, incident, wish, AbortSignal.timeout(60_000));
    if ('reason' in built) throw new Error(`no plan was made: ${built.reason}`);
    this.route(built.plan.id, flow);
    await record.transaction(async (rows) => {
      await rows.incidents.lock(id);
      await offerPlan(flow, rows, built, wish.createdBy);
    });
    if (staging.delivered !== false) await this.delivered(built.plan);
    return { flow, world, plan: built.plan, channelId: channelId ?? '' };
  }

  /** What was held back comes: the room gets its channel, and the card is put there. */
  async show(plan: Plan): Promise<void> {
    const channelId = await this.#openChannel(`late-${plan.id.toLowerCase().slice(-20)}`);
    await this.tamper('update incidents set channel_id = $2 where id = $1', [plan.incidentId, channelId]);
    await this.tamper('update outbox set due_at = clock_timestamp() where incident_id = $1', [
      plan.incidentId,
    ]);
    await this.delivered(plan);
  }

  /** A kept connection may be closed in the moment in which it is used again; the name then differs, should it be taken. */
  async #openChannel(name: string): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        return (await this.client.conversations.create({ name: `${name}-${tries}` })).channel?.id ?? '';
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
  }

  /** Until the card of this plan is in its channel, whole or as far as it can be shown. */
  async delivered(plan: Plan): Promise<void> {
    this.#app.deliverer.poke();
    const end = Date.now() + 30_000;
    for (;;) {
      const entries = await this.flow.record.outbox.ofIncident(plan.incidentId);
      const card = entries.find((entry) => entry.key === planKey(plan.id));
      if (card !== undefined && card.deliveredVersion > 0) return;
      if (Date.now() > end) throw new Error('a card did not reach the local Slack');
      await sleep(8);
    }
  }

  /** Until everything that was asked for about this plan, incident or person has been dealt with. */
  async quiet(id: string): Promise<void> {
    let calm = 0;
    while (calm < 3) {
      await sleep(5);
      calm = this.#busy(id) === 0 ? calm + 1 : 0;
    }
  }

  /** A worker looks into every incident there is. */
  async runEverything(): Promise<void> {
    for (const incident of await this.flow.record.incidents.unfinished()) {
      const flow = this.#flows.get(incident.id) ?? this.flow;
      await advance(flow, 'execution', incident.id, AbortSignal.timeout(60_000)).catch(() => undefined);
      await advance(flow, 'rollback', incident.id, AbortSignal.timeout(60_000)).catch(() => undefined);
    }
  }

  async #hardEvidence(incidentId: string): Promise<number[]> {
    const seen = {
      service: 'ledger',
      title: 'seen',
      summary: 'errors rose',
      query: 'q',
      data: {},
      empty: false,
    };
    const keep = this.flow.record.evidence.keep.bind(this.flow.record.evidence);
    const metric = await keep(incidentId, null, 'metric', { ...seen, kind: 'metric' });
    const database = await keep(incidentId, null, 'database', { ...seen, kind: 'database' });
    return [metric.number, database.number];
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** @param prepare statements to run once the database is there */
export async function openArena(prepare: readonly string[] = []): Promise<Arena> {
  const ledger = new Ledger();
  const target = createTarget(ledger);
  const database = await createTestDatabase();
  const opened = await flowOn(database.url, {
    catalogue: { services, clusters: [] },
    policy: arenaPolicy,
    remedies: target.remedies,
    directory: new World(),
    queue: noQueue,
  });
  const { flow } = opened;
  const slack = await startLocalSlack({ signingSecret, botToken, users: [{ name: 'sam' }] });
  const flows = new Map<string, FlowContext>();
  const busy = new Map<string, number>();
  const { record, links, catalogue, policy } = flow;
  const app = createSlackApp({
    config: { botToken, signingSecret, appToken: null, apiUrl: slack.apiUrl },
    record,
    links,
    catalogue,
    policy,
    log: silentLog,
    actions: actionsOf((id) => flows.get(id) ?? flow, busy),
    onDelivered: ({ item }, place) =>
      item.type === 'message' && item.view.view === 'plan'
        ? recordShown(flow, item.view.planId, place)
        : Promise.resolve(),
  });
  const { server, origin } = await listen(app);
  await app.start();
  const pool = new Pool({
    connectionString: database.url,
    max: 1,
    options: '-c session_replication_role=replica',
  });
  for (const statement of prepare) await pool.query(statement);
  return new Arena({
    ledger,
    target,
    flow,
    databaseUrl: database.url,
    slack,
    answersUrl: `${origin}/answers`,
    door: new SlackDoor(`${origin}/slack/events`, signingSecret, `${origin}/answers`),
    app,
    pool,
    flows,
    busy: (id) => busy.get(id) ?? 0,
    async close() {
      await app.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await slack.stop();
      await pool.end();
      await opened.close();
      await database.drop();
    },
  });
}

export function actionsOf(flowOf: (id: string) => FlowContext, busy: Map<string, number>): FlowActions {
  const counted = async <T>(id: string, work: (flow: FlowContext) => Promise<T>): Promise<T> => {
    busy.set(id, (busy.get(id) ?? 0) + 1);
    try {
      return await work(flowOf(id));
    } finally {
      busy.set(id, (busy.get(id) ?? 0) - 1);
    }
  };
  const never = () => Promise.reject(new Error('not part of this bench'));
  return {
    decide: (click) => counted(click.planId, (flow) => decidePlan(flow, click)),
    stop: (button) => counted(button.planId, (flow) => stopPlan(flow, button)),
    undo: (button) => counted(button.planId, (flow) => requestUndo(flow, button)),
    renew: (button) => counted(button.planId, (flow) => renewPlan(flow, button)),
    ask: (button) => counted(button.planId, (flow) => askAgent(flow, button)),
    propose: (request) => counted(request.incidentId, (flow) => proposePlan(flow, request)),
    halt: (request) => counted(request.userId, (flow) => haltExecution(flow, request)),
    lift: (request) => counted(request.userId, (flow) => liftHalt(flow, request)),
    delegate: (request) => counted(request.from, (flow) => delegate(flow, request)),
    revoke: (userId) => counted(userId, (flow) => revokeDelegations(flow, userId)),
    steer: () => Promise.resolve({ heard: 'not-ours' }),
    declare: never,
    resolve: never,
    context: () => Promise.resolve([]),
    similar: () => Promise.resolve(null),
    status: () => Promise.resolve([]),
  };
}

export async function listen(app: SlackApp): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    if (request.url === '/answers') {
      request.resume();
      response.end('ok');
    } else {
      app.listener(request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
