import type { Whisper } from '../answers.ts';
import { inline, mention } from '../blocks/mrkdwn.ts';
import { answerText } from '../interactions/desk.ts';
import type { Asked, CommandOptions } from './asked.ts';

export async function haltExecution(options: CommandOptions, asked: Asked, reason: string): Promise<Whisper> {
  const answer = await options.actions.halt({ userId: asked.userId, reason });
  if (!answer.accepted) return { text: answerText(answer) ?? '' };
  const said = answer.note ?? 'From now on nothing is run or undone, anywhere, by anybody.';
  return { text: `🛑 ${inline(said)} ${whoMayLift(options)}` };
}

export async function liftHalt(options: CommandOptions, asked: Asked, reason: string): Promise<Whisper> {
  const answer = await options.actions.lift({ userId: asked.userId, reason });
  const text = answerText(answer) ?? '✅ The halt is lifted: what was approved may run again.';
  return { text };
}

function whoMayLift({ policy }: CommandOptions): string {
  if (policy.haltLifters.length === 0) {
    return '⚠️ Nobody is named who may lift it: add `haltLifters` to the policy in `warroom.yaml`.';
  }
  return `Who may lift it with \`/warroom lift\`: ${policy.haltLifters.map(mention).join(', ')}.`;
}
