import type { App } from '@slack/bolt';
import type { Severity } from '../../domain/incident.ts';
import { explainError } from '../../platform/errors.ts';
import { type Whisper, whisper } from '../answers.ts';
import { renderHelp, unknownVerb } from '../blocks/command-cards.ts';
import { inline } from '../blocks/mrkdwn.ts';
import { declareModal, declareModalId } from '../modals/declare-modal.ts';
import { delegateModalId } from '../modals/delegate-modal.ts';
import type { Asked, CommandOptions } from './asked.ts';
import { asTyped, type Command, parseCommand } from './command-words.ts';
import { tellContext } from './context.ts';
import { parseDeclaration } from './declaration.ts';
import { declareIncident } from './declare.ts';
import { handOver, obeyDelegate } from './delegate.ts';
import { haltExecution, liftHalt } from './halt.ts';
import { proposeFix } from './propose-fix.ts';
import { resolveHere } from './resolve.ts';
import { tellSimilar } from './similar.ts';
import { tellStatus } from './status.ts';

/** `/warroom` and its dialogs. Answers go to the asker alone; what everybody should see is on the cards. */
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

  app.view(declareModalId, async ({ ack, body, view }) => {
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
    const asked = askedFrom(view.private_metadata, body.user.id);
    await reply(asked, () => declareIncident(options, { title, severity, services, userId: asked.userId }));
  });

  app.view(delegateModalId, async ({ ack, body, view }) => {
    const fields = view.state.values;
    const to = fields['person']?.['value']?.selected_user ?? '';
    if (to === '' || to === body.user.id) {
      await ack({ response_action: 'errors', errors: { person: 'Choose somebody else than yourself.' } });
      return;
    }
    await ack();
    const hours = Number(fields['hours']?.['value']?.selected_option?.value ?? '8');
    const reason = fields['reason']?.['value']?.value?.trim() ?? '';
    const asked = askedFrom(view.private_metadata, body.user.id);
    await reply(asked, () => handOver(options, asked, { to, hours, reason }));
  });

  app.event('app_mention', async ({ event }) => {
    if (event.user === undefined) return;
    await whisper({ client, channel: event.channel, userId: event.user }, renderHelp(), log);
  });

  function askedFrom(metadata: string, userId: string): Asked {
    const { channel } = JSON.parse(metadata) as { channel: string };
    return { channel, userId, triggerId: '', client };
  }

  /** Whatever goes wrong is said: a command without an answer leaves its asker guessing. */
  async function reply(asked: Asked, work: () => Promise<Whisper | null>): Promise<void> {
    let answer: Whisper | null;
    try {
      answer = await work();
    } catch (error) {
      log.error({ err: error, userId: asked.userId }, 'command failed');
      answer = { text: `⚠️ That did not work. ${inline(explainError(error))}` };
    }
    if (answer !== null) await whisper(asked, answer, log);
  }

  async function obey(command: Command, asked: Asked): Promise<Whisper | null> {
    if (command.verb === null) return renderHelp(unknownVerb(command.said, command.nearest));
    const text = asTyped(command.rest);
    switch (command.verb) {
      case 'help':
        return renderHelp();
      case 'status':
        return tellStatus(options, asked);
      case 'context':
        return tellContext(options, asked, text);
      case 'similar':
        return tellSimilar(options, asked, text);
      case 'resolve':
        return resolveHere(options, asked, text);
      case 'fix':
        return proposeFix(options, asked, text);
      case 'halt':
        return haltExecution(options, asked, text);
      case 'lift':
        return liftHalt(options, asked, text);
      case 'delegate':
        return obeyDelegate(options, asked, command.rest);
      case 'declare':
        if (text !== '') {
          const said = parseDeclaration(text, options.catalogue.services);
          return declareIncident(options, { ...said, userId: asked.userId });
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
}
