import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attach, type InspectorSession } from './inspector-session.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Program {
  /** The program's end; never rejects. */
  readonly ended: Promise<Exit>;
  /** How it ended, for the answer: both null when the tool ended it. */
  end(): Promise<Exit>;
  output(): string;
}

const keptOutput = 7_500;
/** The runtime's own words about its inspector: no output of the program. */
const runtimeSays =
  /^(Debugger listening on ws:.*|For help, see: https:\/\/nodejs\.org\/.*inspector.*|For help, see: .*debugging|Debugger (attached|ending on ws:.*)\.?|Waiting for the debugger to disconnect\.\.\.)\n/gm;
const lookEveryMs = 15;
/** They start the program and are none of it. */
const launcher = /\/(?:npm|npx|pnpm|yarn|corepack)(?:-cli)?(?:\.c?js)?$/;

/**
 * Starts the program under test. `prepare` gets each thread of each of its Node processes before any of its code runs.
 * Nothing of it outlives `end`.
 */
export function launch(
  argv: readonly string[],
  prepare: ((session: InspectorSession) => Promise<void>) | null,
  environment: Readonly<Record<string, string>> = {},
): Program {
  const folder = mkdtempSync(join(tmpdir(), 'warroom-tool-'));
  const preload = fileURLToPath(new URL('./preload.cjs', import.meta.url));
  const options = [process.env['NODE_OPTIONS'], `--require=${preload}`].filter(Boolean).join(' ');
  const [command = '', ...rest] = argv;
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      ...environment,
      ...(prepare === null ? {} : { NODE_OPTIONS: options, WARROOM_TOOL_FOLDER: folder }),
    },
  });
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-keptOutput);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
  let killed = false;
  let over = false;
  const ended = new Promise<Exit>((resolve) => {
    child.on('error', (error) => {
      keep(`${error.message}\n`);
      resolve({ code: 127, signal: null });
    });
    child.on('exit', (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    over = true;
  });
  if (prepare !== null) void attachAll(folder, prepare, () => over);
  return {
    ended,
    output: () => output.replace(runtimeSays, ''),
    async end() {
      if (!over) {
        killed = true;
        kill(child.pid);
      }
      const exit = await ended;
      // Its children, whom nobody waits for.
      kill(child.pid);
      rmSync(folder, { recursive: true, force: true });
      return killed ? { code: null, signal: null } : exit;
    },
  };
}

async function attachAll(
  folder: string,
  prepare: (session: InspectorSession) => Promise<void>,
  over: () => boolean,
): Promise<void> {
  const seen = new Set<string>();
  let programs = 0;
  while (!over()) {
    for (const file of listed(folder)) {
      if (!file.endsWith('.json') || seen.has(file)) continue;
      seen.add(file);
      const { url, argv } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
        url: string;
        argv: string[];
      };
      const launches = launcher.test(argv[0] ?? '');
      if (!launches) programs += 1;
      const name = programs <= 1 ? 'main' : `main of process ${file.slice(0, -5)}`;
      // One that ended at once has nothing to show.
      attach(url, name, launches ? async () => undefined : prepare).catch(() => undefined);
    }
    await wait(lookEveryMs);
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
