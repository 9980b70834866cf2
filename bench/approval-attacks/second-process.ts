import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PlannedRemedy } from '../../src/domain/plan.ts';
import { guardOf } from '../guarded/guard-of.ts';
import { type Arena, signingSecret } from './arena.ts';
import { SlackDoor } from './slack-door.ts';

export type ToSecond =
  | { readonly do: 'work'; readonly incidentId: string }
  | { readonly do: 'quiet' }
  | { readonly do: 'stop' };

export type FromSecond =
  | { readonly is: 'open'; readonly url: string }
  | {
      readonly is: 'effect';
      readonly planId: string;
      readonly what: 'do' | 'undo';
      readonly planned: PlannedRemedy;
    }
  | { readonly is: 'done' };

export interface SecondArgs {
  readonly databaseUrl: string;
  readonly slackApiUrl: string;
  readonly aheadMinutes: number;
  /** The guard that is switched off in this process too; null: none. */
  readonly guard: string | null;
}

/** Another Warroom on the same database and the same Slack, with the same secret. */
export interface SecondProcess {
  readonly door: SlackDoor;
  /** Runs whatever the rows of this incident say, to the end. */
  work(incidentId: string): Promise<void>;
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSecondProcess(arena: Arena, { aheadMinutes = 0 } = {}): Promise<SecondProcess> {
  const args: SecondArgs = {
    databaseUrl: arena.databaseUrl,
    slackApiUrl: arena.slack.apiUrl,
    aheadMinutes,
    guard: guardOf(import.meta.url),
  };
  const child = fork(fileURLToPath(new URL('./second-main.ts', import.meta.url)), [JSON.stringify(args)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const waiting: (() => void)[] = [];
  const opened = new Promise<string>((resolve, reject) => {
    child.on('message', (said: FromSecond) => {
      if (said.is === 'open') resolve(said.url);
      else if (said.is === 'effect') arena.ledger.record(said);
      else waiting.shift()?.();
    });
    child.once('exit', (code) => reject(new Error(`the second process ended with ${code}`)));
  });
  const url = await opened;
  const ask = async (order: ToSecond): Promise<void> => {
    // Answered in order: the second process does one thing at a time.
    const answered = new Promise<void>((resolve) => waiting.push(resolve));
    child.send(order);
    await answered;
  };
  return {
    // What it does not accept as in time is for a clock of its own: letters are dated by that one.
    door: new SlackDoor(url, signingSecret, arena.answersUrl, aheadMinutes * 60),
    work: (incidentId) => ask({ do: 'work', incidentId }),
    quiet: () => ask({ do: 'quiet' }),
    stop: () => stop(child, killAtExit),
  };
}

async function stop(child: ChildProcess, killAtExit: () => void): Promise<void> {
  process.off('exit', killAtExit);
  child.removeAllListeners('exit');
  const gone = once(child, 'exit');
  child.send({ do: 'stop' } satisfies ToSecond);
  await gone;
}
