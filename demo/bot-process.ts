import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentFile } from '../src/http/read-incident.ts';
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

/** Starts the bot as a person would: its own process, configured by environment alone. */
export async function startBot(options: {
  dir: string;
  port: number;
  apiToken: string;
  environment: Readonly<Record<string, string>>;
}): Promise<BotProcess> {
  // Outside the folder that is removed at the end: after a failure it is what there is to read.
  const logFile = join(project, '.warroom', 'demo.log');
  const url = `http://127.0.0.1:${options.port}`;
  const child = spawn(process.execPath, [join(project, 'src/main.ts')], {
    cwd: options.dir,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...options.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = createWriteStream(logFile);
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log.write(chunk);
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2_000);
  });

  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(url + path, {
      headers: { authorization: `Bearer ${options.apiToken}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok)
      throw new DemoError('bot_refused', `Warroom answered ${answer.status} to ${path}`, `See ${logFile}.`);
    return (await answer.json()) as T;
  };
  const bot: BotProcess = {
    url,
    logFile,
    incidents: async () =>
      (await ask<{ incidents: IncidentOnWire['incident'][] }>('/api/incidents')).incidents,
    incident: (id) => ask(`/api/incidents/${id}`),
    stop: () => end(child),
  };
  try {
    await untilReady(url, child, () => lastWords);
  } catch (error) {
    await bot.stop();
    throw error;
  }
  return bot;
}

async function untilReady(url: string, child: ChildProcess, lastWords: () => string): Promise<void> {
  const deadlineMs = Date.now() + 120_000;
  while (Date.now() < deadlineMs) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new DemoError('bot_not_ready', 'Warroom did not start', `Its last words:\n${lastWords()}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(kill);
}
