import type { App, RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Incident, Severity } from '../domain/incident.ts';
import type { Catalogue } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Links } from '../platform/signed-links.ts';
import type { Record } from '../ports/record.ts';
import { type Whisper, whisper } from './answers.ts';
import { renderHelp, renderStatusList, unknownVerb } from './blocks/command-cards.ts';
import { renderIncidentCard } from './blocks/incident-card.ts';
import { bold, inline } from './blocks/mrkdwn.ts';
import { type Command, parseCommand, parseDeclaration } from './command-words.ts';
import type { FlowActions } from './flow-actions.ts';
import { declareModal, modalIds } from './modals.ts';

export interface CommandOptions {
  readonly actions: FlowActions;
  readonly client: WebClient;
  readonly record: Record;
  readonly links: Links;
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/** Where a command came from. */
interface Asked {
  readonly channel: string;
  readonly userId: string;
  readonly triggerId: string;
  readonly client: WebClient;
  readonly respond?: RespondFn;
}

const channelWaitMs = 5_000;
const channelPollMs = 200;

/** `/warroom` and its dialog. Answers go to the asker alone; what everybody should see is on the cards. */
export function addCommands(app: App, options: CommandOptions): void {
  const { client, log } = options;

  app.command('/warroom', async ({ ack, command, respond }) => {
    await ack();
    const asked: Asked = {
      channel: command.channel_id,
      userId: command.user_id,
      triggerId: command.trigger_id,
      client,
      respond,
    };
    await reply(asked, () => obey(parseCommand(command.text), asked));
  });

  app.view(modalIds.declare, async ({ ack, body, view }) => {
    const fields = view.state.values;
    const title = fields['title']?.['value']?.value?.trim() ?? '';
    if (title === '') {
      await ack({
        response_action: 'errors',
        errors: { title: 'A few words, please: they name the channel.' },
      });
      return;
    }
    await ack();
    const severity = (fields['severity']?.['value']?.selected_option?.value ?? 'sev2') as Severity;
    const services = (fields['services']?.['value']?.selected_options ?? []).map((option) => option.value);
    const { channel } = JSON.parse(view.private_metadata) as { channel: string };
    const asked: Asked = { channel, userId: body.user.id, triggerId: '', client };
    await reply(asked, () => declare({ title, severity, services, userId: asked.userId }));
  });

  app.event('app_mention', async ({ event }) => {
    if (event.user === undefined) return;
    await whisper({ client, channel: event.channel, userId: event.user }, renderHelp(), log);
  });

  /** Whatever goes wrong is said: a command without an answer leaves its asker guessing. */
  async function reply(asked: Asked, work: () => Promise<Whisper | null>): Promise<void> {
    let answer: Whisper | null;
    try {
      answer = await work();
    } catch (error) {
      log.error({ err: error, userId: asked.userId }, 'command failed');
      answer = { text: `⚠️ That did not work, and nothing was changed. ${inline(explainError(error))}` };
    }
    if (answer !== null) await whisper(asked, answer, log);
  }

  async function obey(command: Command, asked: Asked): Promise<Whisper | null> {
    switch (command.verb) {
      case null:
        return renderHelp(unknownVerb(command.said, command.nearest));
      case 'help':
        return renderHelp();
      case 'status':
        return status(asked);
      case 'resolve':
        return resolve(asked, command.rest);
      case 'declare':
        if (command.rest !== '') {
          const said = parseDeclaration(command.rest, options.catalogue.services);
          return declare({ ...said, userId: asked.userId });
        }
        await asked.client.views.open({
          trigger_id: asked.triggerId,
          view: declareModal(options.catalogue.services, { channel: asked.channel }),
        });
        return null;
      default:
        return command satisfies never;
    }
  }

  async function status(asked: Asked): Promise<Whisper> {
    const here = await options.record.incidents.byChannel(asked.channel);
    const views = await options.actions.status(here?.id ?? null);
    const only = here === undefined ? undefined : views[0];
    if (only !== undefined) {
      return renderIncidentCard(only, options.links, { incidentId: only.incidentId, attached: false });
    }
    const channels = new Map<string, string>();
    for (const view of views) {
      const incident = await options.record.incidents.get(view.incidentId);
      if (incident?.channelId) channels.set(view.incidentId, incident.channelId);
    }
    return renderStatusList(views, channels);
  }

  async function resolve(asked: Asked, note: string): Promise<Whisper> {
    const incident = await options.record.incidents.byChannel(asked.channel);
    if (incident === undefined) {
      return {
        text: 'This is not an incident’s channel. Type `/warroom resolve` in the channel of the incident.',
      };
    }
    const result = await options.actions.resolve({ incidentId: incident.id, userId: asked.userId, note });
    if (result === 'already-resolved') return { text: `${bold(incident.title)} was resolved already.` };
    return { text: `✅ ${bold(incident.title)} is resolved. The timeline says that it was you.` };
  }

  async function declare(request: Parameters<FlowActions['declare']>[0]): Promise<Whisper> {
    const incident = await options.actions.declare(request);
    const channel = await channelOnceThere(incident);
    const where =
      channel === null
        ? `Its channel will be #${inline(incident.channelName)}.`
        : `Its channel: <#${channel}>`;
    return { text: `🚨 Declared ${request.severity.toUpperCase()} ${bold(incident.title)}. ${where}` };
  }

  /** The channel appears a moment after the incident; a link to it is worth the moment. */
  async function channelOnceThere(incident: Incident): Promise<string | null> {
    const until = Date.now() + channelWaitMs;
    for (;;) {
      const channelId = (await options.record.incidents.get(incident.id))?.channelId ?? null;
      if (channelId !== null || Date.now() > until) return channelId;
      await new Promise((resolve) => setTimeout(resolve, channelPollMs));
    }
  }
}
