import { createChartRenderer } from '../adapters/charts/chart-renderer.ts';
import type { Environment } from '../config/environment.ts';
import type { FlowContext } from '../flow/context.ts';
import {
  askAgent,
  decidePlan,
  declareIncident,
  delegate,
  findSimilar,
  haltExecution,
  liftHalt,
  proposePlan,
  recordShown,
  renewPlan,
  requestUndo,
  resolveIncident,
  revokeDelegations,
  steerAgent,
  stopPlan,
  viewIncidents,
} from '../flow/index.ts';
import type { Log } from '../platform/log.ts';
import { createSlackApp, type SlackApp } from '../slack/app.ts';
import type { FlowActions } from '../slack/flow-actions.ts';
import { viewContextOf } from './compose-context.ts';

const mostSimilar = 5;

/** Slack asks the flow, and the flow reads people from Slack: the two are tied together here. */
export function connectSlack(
  env: Environment,
  core: FlowContext,
  log: Log,
): { flow: FlowContext; slack: SlackApp | null } {
  if (env.SLACK_BOT_TOKEN === null) return { flow: core, slack: null };
  let flow = core;
  const actions: FlowActions = {
    decide: (click) => decidePlan(flow, click),
    stop: (button) => stopPlan(flow, button),
    undo: (button) => requestUndo(flow, button),
    renew: (button) => renewPlan(flow, button),
    ask: (button) => askAgent(flow, button),
    steer: (message) => steerAgent(flow, message),
    propose: (request) => proposePlan(flow, request),
    halt: (request) => haltExecution(flow, request),
    lift: (request) => liftHalt(flow, request),
    delegate: (request) => delegate(flow, request),
    revoke: (userId) => revokeDelegations(flow, userId),
    declare: (request) => declareIncident(flow, request),
    resolve: (request) => resolveIncident(flow, request),
    context: (request) => viewContextOf(env, flow, request),
    similar: (request) => findSimilar(flow.record, request, mostSimilar),
    status: (incidentId) => viewIncidents(flow, incidentId),
  };
  const slack = createSlackApp({
    config: {
      botToken: env.SLACK_BOT_TOKEN,
      signingSecret: env.SLACK_SIGNING_SECRET ?? '',
      appToken: env.SLACK_APP_TOKEN,
      apiUrl: env.SLACK_API_URL,
    },
    record: core.record,
    links: core.links,
    catalogue: core.catalogue,
    policy: core.policy,
    charts: createChartRenderer(),
    actions,
    log,
    onDelivered: (entry, place) => {
      const { item } = entry;
      return item.type === 'message' && item.view.view === 'plan'
        ? recordShown(flow, item.view.planId, place)
        : Promise.resolve();
    },
  });
  flow = { ...core, directory: slack.directory };
  return { flow, slack };
}
