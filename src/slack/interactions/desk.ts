import type { WebClient } from '@slack/web-api';
import type { Answer } from '../../domain/approval.ts';
import { explainError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { whisper } from '../answers.ts';
import { inline } from '../blocks/mrkdwn.ts';
import type { FlowActions } from '../flow-actions.ts';
import type { SlackPolicy } from '../policy.ts';
import { refusalText } from '../refusal-texts.ts';

/** What every button and dialog of a plan card works with. */
export interface Desk {
  readonly actions: FlowActions;
  readonly client: WebClient;
  readonly policy: SlackPolicy;
  readonly log: Log;
}

/** How the person who clicked is reached. */
export type Ways = Parameters<typeof whisper>[0];

/**
 * Does it, and answers who asked: an accepted click mostly by the card alone, every other one by a sentence.
 * @param failed what the person is told when the flow could not say whether it was done
 */
export async function settle(
  desk: Desk,
  ways: Ways,
  planId: string,
  failed: string,
  work: () => Promise<Answer>,
): Promise<void> {
  const { log } = desk;
  const { userId } = ways;
  let text: string | null;
  try {
    const answer = await work();
    text = answerText(answer);
    if (!answer.accepted) log.info({ planId, userId, refusal: answer.refusal }, 'click refused');
  } catch (error) {
    log.error({ planId, userId, err: error }, 'click could not be carried out');
    text = `⚠️ ${failed} (${inline(explainError(error))})`;
  }
  if (text !== null) await whisper(ways, { text }, log);
}

/** Null: nothing needs to be said, the card says it. */
export function answerText(answer: Answer): string | null {
  if (answer.accepted) return answer.note === null ? null : `✅ ${inline(answer.note)}`;
  if (answer.refusal !== null) return refusalText(answer.refusal, answer.approvers);
  return `⛔ ${inline(answer.reason)}`;
}
