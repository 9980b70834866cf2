import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentFile } from '../src/http/read-incident.ts';
import { type LeashedProcess, startLeashed } from './monitoring/leashed-process.ts';
import { DemoError } from './shop/demo-error.ts';

/** What the API sends: the record with its times as ISO text. Free-form JSON is left as it is: its type has no end. */
type OnWire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? OnWire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Key extends 'data' | 'inverse' | 'params' ? unknown : OnWire<T[Key]> }
      : T;
export type IncidentOnWire = OnWire<IncidentFile>;

export interface BotProcess {
  readonly url: string;
  /** Newest first. */
  incidents(): Promise<IncidentOnWire['incident'][]>;
  incident(id: string): Promise<IncidentOnWire>;
  readonly logFile: string;
  stop(): Promise<void>;
}

const project = resolve(import.meta.dirname, '..');
const startMs = 120_000;
const answerMs = 10_000;
/** A busy machine may leave a question or two unanswered. */
const patienceMs = 30_000;

/**
 * Starts the bot as a person would: its own process, configured by environment alone, on a leash that ends it with us.
 * @throws DemoError `bot_not_ready` with its last words; its answers throw `bot_gone` or `bot_refused`
 */
export async function startBot(options: {
  dir: string;
  port: number;
  apiToken: string;
  environment: Readonly<Record<string, string>>;
  logFile: string;
  signal: AbortSignal;
}): Promise<BotProcess> {
  const { logFile } = options;
  const url = `http://127.0.0.1:${options.port}`;
  const log = createWriteStream(logFile);
  const compileCache = process.env['NODE_COMPILE_CACHE'];
  const bot = startLeashed(process.execPath, [join(project, 'src/main.ts')], {
    cwd: options.dir,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/',
      ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
      ...options.environment,
    },
    onOutput: (chunk) => log.write(chunk),
    killAfterMs: 8_000,
  });
  const stop = async () => {
    await bot.stop();
    log.end();
  };

  const ask = async <T>(path: string): Promise<T> => {
    const deadlineMs = Date.now() + patienceMs;
    for (;;) {
      try {
        return await askOnce<T>(url + path, options.apiToken, logFile);
      } catch (cause) {
        options.signal.throwIfAborted();
        if (cause instanceof DemoError) throw cause;
        if (bot.hasExited() || Date.now() > deadlineMs)
          throw new DemoError('bot_gone', 'Warroom does not answer any more', lastWords(bot, logFile), {
            cause,
          });
        await sleep(500, undefined, { signal: options.signal });
      }
    }
  };
  try {
    await untilReady(url, bot, logFile, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    logFile,
    incidents: async () =>
      (await ask<{ incidents: IncidentOnWire['incident'][] }>('/api/incidents')).incidents,
    incident: (id) => ask(`/api/incidents/${id}`),
    stop,
  };
}

async function askOnce<T>(address: string, token: string, logFile: string): Promise<T> {
  const answer = await fetch(address, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(answerMs),
  });
  if (!answer.ok)
    throw new DemoError('bot_refused', `Warroom answered ${answer.status} to ${address}`, `See ${logFile}.`);
  return (await answer.json()) as T;
}

async function untilReady(
  url: string,
  bot: LeashedProcess,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = Date.now() + startMs;
  while (Date.now() < deadlineMs && !bot.hasExited()) {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100, undefined, { signal });
  }
  throw new DemoError('bot_not_ready', 'Warroom did not start', lastWords(bot, logFile));
}

function lastWords(bot: LeashedProcess, logFile: string): string {
  return `Its last words (all of them: ${logFile}):\n${bot.output().slice(-2_000) || 'none'}`;
}
