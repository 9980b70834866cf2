import { type App, SocketModeReceiver } from '@slack/bolt';
import { explainError, SourceRefused } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { slackLogger } from './web-client.ts';

const startWaitMs = 3_000;

/** Keeps trying for as long as Slack is away: the library would end the process's hope after half an hour. */
const patience = { retries: 1_000_000, factor: 1.5, minTimeout: 500, maxTimeout: 30_000, randomize: true };

export function createSocketReceiver(appToken: string, apiUrl: string | null, log: Log): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    logger: slackLogger(log),
    installerOptions: {
      clientOptions: {
        ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
        retryConfig: patience,
        timeout: 10_000,
      },
    },
  });
}

/**
 * Connects, or goes on trying in the background when Slack does not answer within a few seconds.
 * @throws SourceRefused when Slack refuses the app token at once
 */
export async function connectSocket(app: App, log: Log): Promise<void> {
  const connected = app.start().then(
    () => log.info({}, 'connected to Slack by Socket Mode'),
    (error: unknown) => {
      log.error({ reason: explainError(error) }, 'Slack refuses Socket Mode');
      throw new SourceRefused(
        'Slack refuses the connection by Socket Mode.',
        'Check SLACK_APP_TOKEN (xapp-…, scope connections:write) and that Socket Mode is on in the app’s settings.',
        { cause: error },
      );
    },
  );
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn({}, 'no Socket Mode connection yet; trying on in the background');
      resolve();
    }, startWaitMs);
  });
  // A refusal after the wait is in the log; it must not end the process.
  connected.catch(() => undefined);
  await Promise.race([connected, waited]).finally(() => clearTimeout(timer));
}
