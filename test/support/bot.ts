import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { testSecret } from './audit-key.ts';
import { freePort, until } from './server-process.ts';

const project = resolve(import.meta.dirname, '../..');
export const hookToken = 'hook-token-of-this-test';
export const apiToken = 'api-token-of-this-test';

export interface BotHouse {
  readonly dir: string;
  readonly port: number;
  readonly url: string;
  /** Starts `npm start`'s process (or the worker's) with this house's settings. */
  start(role: 'serve' | 'worker', change?: Readonly<Record<string, string>>): BotRun;
  remove(): Promise<void>;
}

export interface BotRun {
  readonly pid: number;
  /** What it logged so far. */
  output(): string;
  ready(): Promise<void>;
  /** `kill -9`. */
  crash(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** A folder with a catalogue, and settings for real processes of the bot. */
export async function createBotHouse(
  services: readonly object[],
  environment: Readonly<Record<string, string>>,
): Promise<BotHouse> {
  const dir = await mkdtemp(join(tmpdir(), 'warroom-bot-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(
    join(dir, 'warroom.yaml'),
    stringify({ services, policy: { verificationIntervalSeconds: 0.2 } }),
  );
  const runs: ChildProcess[] = [];
  return {
    dir,
    port,
    url,
    start(role, change = {}) {
      const child = spawn(process.execPath, [join(project, 'src/main.ts'), role], {
        cwd: dir,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          HOST: '127.0.0.1',
          PORT: String(port),
          WARROOM_SECRET: testSecret,
          WARROOM_API_TOKEN: apiToken,
          ALERTMANAGER_WEBHOOK_TOKEN: hookToken,
          TELEMETRY_TOKEN: 'telemetry-token-of-this-test',
          ...environment,
          ...change,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      runs.push(child);
      let output = '';
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
      const gone = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
      return {
        pid: child.pid ?? -1,
        output: () => output,
        ready: async () => {
          await until(
            `the ${role} to be ready; it said: ${output}`,
            () => output.includes('warroom is ready'),
            60_000,
          );
        },
        crash: async () => {
          child.kill('SIGKILL');
          await gone;
        },
        stop: () => {
          child.kill('SIGTERM');
          return gone;
        },
      };
    },
    remove: async () => {
      for (const child of runs) child.kill('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Posts as Alertmanager does; resolves to the status. */
export async function postAlert(url: string, alert: object): Promise<number> {
  const answer = await fetch(`${url}/hooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hookToken}` },
    body: JSON.stringify({
      version: '4',
      groupKey: 'g',
      status: 'firing',
      receiver: 'r',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      externalURL: '',
      alerts: [alert],
    }),
  });
  await answer.arrayBuffer();
  return answer.status;
}
