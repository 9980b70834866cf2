import type { WebClient } from '@slack/web-api';
import { SourceUnreachable } from '../platform/errors.ts';
import { judgeFailure } from './call-failure.ts';

/** @returns one sentence for a person: as whom the bot token signs in */
export async function askWhoWeAre(client: WebClient): Promise<string> {
  try {
    const answer = await client.auth.test();
    return `signed in as @${answer.user ?? '?'} in ${answer.team ?? 'its workspace'}`;
  } catch (error) {
    const failure = judgeFailure(error);
    const reason = failure !== undefined && 'code' in failure ? failure.code : 'no answer';
    throw new SourceUnreachable(
      `Slack does not let us in (${reason}).`,
      'Check SLACK_BOT_TOKEN (it begins with xoxb-) and that the app of manifests/slack-app.yaml is installed.',
      { cause: error },
    );
  }
}
