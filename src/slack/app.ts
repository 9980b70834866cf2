import type { RequestListener } from 'node:http';
import { App, HTTPReceiver, type Receiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Catalogue } from '../domain/service.ts';
import type { Log } from '../platform/log.ts';
import type { Links } from '../platform/signed-links.ts';
import type { ChartRenderer } from '../ports/chart-renderer.ts';
import type { Directory } from '../ports/directory.ts';
import type { Record } from '../ports/record.ts';
import { addCommands } from './commands/add-commands.ts';
import { createDeliverer, type Deliverer, type OnDelivered } from './deliverer.ts';
import { createDirectory } from './directory.ts';
import type { FlowActions } from './flow-actions.ts';
import { addPlanButtons } from './interactions/add-plan-buttons.ts';
import { addSteering } from './interactions/steer.ts';
import { pokeAfter } from './poke-after.ts';
import type { SlackPolicy } from './policy.ts';
import { isDisguised, refuseFutureRequests } from './signature-guard.ts';
import { connectSocket, createSocketReceiver } from './socket-connection.ts';
import { createWebClient, slackLogger, webClientOptions } from './web-client.ts';

export interface SlackConfig {
  readonly botToken: string;
  readonly signingSecret: string;
  /** Set: Socket Mode, nothing needs to reach us from outside. Null: Slack posts to `/slack/events`. */
  readonly appToken: string | null;
  /** In place of `https://slack.com/api/`. */
  readonly apiUrl: string | null;
}

export interface SlackAppOptions {
  readonly config: SlackConfig;
  readonly record: Record;
  readonly links: Links;
  readonly log: Log;
  readonly actions: FlowActions;
  readonly catalogue: Catalogue;
  readonly policy: SlackPolicy;
  /** Absent: the room goes without pictures. */
  readonly charts?: ChartRenderer;
  /** Told when a plan's card is in the channel, whole. */
  readonly onDelivered?: OnDelivered;
}

export interface SlackApp {
  /** Commands, clicks, dialogs and events: mount it for `POST /slack/events`. It throws for any other path. */
  readonly listener: RequestListener;
  readonly deliverer: Deliverer;
  readonly directory: Directory;
  /** Begins to deliver; in Socket Mode also connects. Works with Slack away: delivery waits for it. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const slackEventsPath = '/slack/events';

export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { config, record, links, catalogue, policy, onDelivered } = options;
  const log = options.log.child({ part: 'slack' });
  const client = createWebClient(config.botToken, config.apiUrl, log);
  const directory = createDirectory(client);
  const botUserId = rememberBot(client);
  const deliverer = createDeliverer({
    record,
    client,
    links,
    directory,
    botUserId,
    log,
    ...(options.charts === undefined ? {} : { charts: options.charts }),
    ...(onDelivered === undefined ? {} : { onDelivered }),
  });

  const actions = pokeAfter(options.actions, () => deliverer.poke());

  const clientOptions = webClientOptions(config.apiUrl, log);
  const logger = slackLogger(log);
  const http =
    config.appToken === null
      ? new HTTPReceiver({
          signingSecret: config.signingSecret,
          endpoints: [slackEventsPath],
          logger,
          customPropertiesExtractor: (request) => ({ disguised: isDisguised(request) }),
        })
      : null;
  const receiver: Receiver = http ?? createSocketReceiver(config.appToken ?? '', config.apiUrl, log);

  // A token that is known needs no look-up per request: a click must not depend on one more call to Slack.
  const app = new App({
    receiver,
    logger,
    clientOptions,
    ignoreSelf: false,
    authorize: () => Promise.resolve({ botToken: config.botToken }),
  });
  app.error((error) => {
    log.error({ err: error }, 'a request from Slack could not be served');
    return Promise.resolve();
  });
  app.use(async ({ context, next }) => {
    if (context['disguised'] === true) log.warn({}, 'a signed event came as a form and is left alone');
    else await next();
  });
  addCommands(app, { actions, client, record, links, catalogue, policy, log });
  addPlanButtons(app, { actions, client, policy, log });
  addSteering(app, { actions, client, log });

  return {
    listener: http === null ? refuseAll : refuseFutureRequests(http.requestListener),
    deliverer,
    directory,
    async start() {
      deliverer.start();
      if (http === null) await connectSocket(app, log);
    },
    async stop() {
      try {
        if (http === null) await app.stop();
      } finally {
        await deliverer.stop();
      }
    },
  };
}

/** In Socket Mode nothing comes by HTTP. */
const refuseAll: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(404).end();
};

/** Who we are in Slack: asked until it is known, then never again. */
function rememberBot(client: WebClient): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    known ??= (await client.auth.test()).user_id ?? '';
    return known;
  };
}
