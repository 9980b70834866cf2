import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Click } from '../domain/approval.ts';
import { explainError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { whisper } from './answers.ts';
import { inline } from './blocks/mrkdwn.ts';
import { planActions } from './blocks/plan-card.ts';
import type { FlowActions } from './flow-actions.ts';
import { modalIds, rejectModal } from './modals.ts';
import { refusalText } from './refusal-texts.ts';

/** What a plan's button carries. */
const carried = z.object({ planId: z.string(), digest: z.string(), nonce: z.string() });
const rejection = carried.extend({ channel: z.string() });

export interface DecisionOptions {
  readonly actions: FlowActions;
  readonly client: WebClient;
  readonly log: Log;
}

const secondNeeded = '✅ Your approval is recorded. High risk needs a second person before anything is run.';

type Ways = Omit<Parameters<typeof whisper>[0], 'userId'>;

/**
 * Clicks on a plan card. Slack gets its acknowledgement first; whether the click counts is the flow's compare-and-set, so
 * a second or a late click is safe. An accepted click is answered by the card itself, every other one by a sentence.
 */
export function addDecisions(app: App, options: DecisionOptions): void {
  const { actions, client, log } = options;

  async function decide(click: Click, ways: Ways): Promise<void> {
    try {
      const answer = await actions.decide(click);
      if (answer.accepted && !answer.waitingForSecond) return;
      if (!answer.accepted) {
        log.info({ planId: click.planId, userId: click.userId, refusal: answer.refusal }, 'click refused');
      }
      const text = answer.accepted ? secondNeeded : refusalText(answer.refusal, answer.approvers);
      await whisper({ ...ways, userId: click.userId }, { text }, log);
    } catch (error) {
      log.error({ planId: click.planId, err: error }, 'click could not be recorded');
      const text = `⚠️ Your click could not be recorded, so nothing was run. Click again in a moment. (${inline(explainError(error))})`;
      await whisper({ ...ways, userId: click.userId }, { text }, log);
    }
  }

  app.action(
    { action_id: planActions.approve, type: 'block_actions' },
    async ({ ack, body, action, respond }) => {
      await ack();
      const ways = { respond, client, channel: body.channel?.id };
      const value = readCarried(action);
      if (value === undefined)
        return whisper({ ...ways, userId: body.user.id }, { text: refusalText('changed', []) }, log);
      await decide({ ...value, userId: body.user.id, decision: 'approve' }, ways);
    },
  );

  app.action(
    { action_id: planActions.reject, type: 'block_actions' },
    async ({ ack, body, action, respond }) => {
      await ack();
      const value = readCarried(action);
      if (value === undefined) {
        const ways = { respond, client, channel: body.channel?.id, userId: body.user.id };
        return whisper(ways, { text: refusalText('changed', []) }, log);
      }
      try {
        await client.views.open({
          trigger_id: body.trigger_id,
          view: rejectModal({ ...value, channel: body.channel?.id ?? '' }),
        });
      } catch (error) {
        log.warn(
          { planId: value.planId, reason: explainError(error) },
          'the dialog for a rejection could not be opened',
        );
        const text = '⚠️ Slack did not open the dialog, so nothing was rejected. Click again.';
        await whisper({ respond, client, channel: body.channel?.id, userId: body.user.id }, { text }, log);
      }
    },
  );

  app.view(modalIds.reject, async ({ ack, body, view }) => {
    const reason = view.state.values['reason']?.['value']?.value?.trim() ?? '';
    if (reason === '') {
      await ack({
        response_action: 'errors',
        errors: { reason: 'Say why in a few words: others will read it.' },
      });
      return;
    }
    await ack();
    const { channel, ...value } = rejection.parse(JSON.parse(view.private_metadata));
    await decide({ ...value, userId: body.user.id, decision: 'reject', reason }, { client, channel });
  });
}

function readCarried(action: object): z.infer<typeof carried> | undefined {
  const value = 'value' in action && typeof action.value === 'string' ? action.value : '';
  try {
    return carried.parse(JSON.parse(value));
  } catch {
    return undefined;
  }
}
