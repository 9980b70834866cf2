import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DemoArguments, readArguments } from './arguments.ts';
import { checkMachine, findSandboxProblem } from './check-machine.ts';
import { runStory } from './run-story.ts';
import { type DemoSettings, readSettings } from './settings.ts';
import { DemoError } from './shop/demo-error.ts';
import { readScenario } from './shop/scenario.ts';
import { startStack } from './stack.ts';
import { createTeller, type Teller } from './teller.ts';

const project = resolve(import.meta.dirname, '..');
/** One folder a run, named after its process: two runs in one checkout do not meet. */
const runs = join(project, '.warroom', 'demo');

/** The main job on one machine: shop, monitoring, local Slack and GitHub, the bot, a fault, and the way out of it. */
async function main(stopping: AbortController): Promise<number> {
  const settings = readSettings(process.env, join(project, '.env'));
  const options = readArguments(process.argv.slice(2), 'ANTHROPIC_API_KEY' in settings.anthropic);
  // What can be known to be wrong is said now, not after a minute of waiting.
  const scenario = await readScenario(options.scenario);
  const machine = checkMachine({
    headless: options.headless,
    database: scenario.database !== null,
    searchPath: process.env['PATH'] ?? '',
    chromiumPath: process.env['CHROMIUM_PATH'] || undefined,
    workDir: runs,
  });
  const teller = createTeller();
  const alone = await removeDeadRuns();
  const dir = join(runs, String(process.pid));
  const onExit = () => {
    rmSync(dir, { recursive: true, force: true });
    if (readdirSync(runs).length === 0) rmdirSync(runs);
  };
  process.on('exit', onExit);
  await mkdir(dir, { recursive: true });
  try {
    await sayWhatIsMissing(settings, options, teller);
    const stack = await startStack({
      dir,
      machine,
      scenario,
      // Outside the folder that is removed at the end: after a failure it is what there is to read.
      logFile: join(project, '.warroom', alone ? 'demo.log' : `demo-${process.pid}.log`),
      environment: botEnvironment(options, settings),
      signal: stopping.signal,
      say: teller.step,
      onPage: (url) => {
        if (!options.headless)
          teller.link('The local Slack: open it now, the incident comes in about a minute', url);
      },
    });
    try {
      const parts = { stack, scenario, options, teller, chromium: machine.chromium, signal: stopping.signal };
      const result = await runStory(parts);
      if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      if (!options.json || !options.headless) teller.summary(result);
      if (result.problem !== null)
        teller.tell({
          key: 'problem',
          tone: 'bad',
          text: `Stopped: ${result.problem}. Log: ${stack.bot.logFile}`,
        });
      if (!options.headless) {
        teller.link('The shop goes on and the room stays open until you press Ctrl-C', stack.slack.pageUrl);
        await untilAborted(stopping.signal);
      }
      const over =
        result.expected.outcome === 'inconclusive'
          ? result.incident?.status === 'resolved'
          : result.verification?.alertResolved === true;
      return result.expected.right && over ? 0 : 1;
    } finally {
      teller.step('Stopping everything');
      await stack.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    process.off('exit', onExit);
    await rmdir(runs).catch(() => undefined);
  }
}

function botEnvironment(options: DemoArguments, settings: DemoSettings): Record<string, string> {
  return {
    INVESTIGATOR: options.investigator,
    INVESTIGATION_AGENTS: options.singleAgent ? 'single' : 'several',
    ...settings.docker,
    ...(options.investigator === 'claude' ? settings.anthropic : {}),
  };
}

async function sayWhatIsMissing(
  settings: DemoSettings,
  options: DemoArguments,
  teller: Teller,
): Promise<void> {
  const problem = await findSandboxProblem(settings.docker);
  if (problem !== null)
    teller.warn(`Without sandbox: ${problem}\nThe demo goes on: agents read code, but run none.`);
  if (!options.headless && !process.stdin.isTTY)
    teller.warn(
      'Nobody sits at this terminal: the demo waits for a click on the page. --headless clicks by itself.',
    );
}

/** A run that was killed leaves its folder behind, and one beside another its log. Tells whether no other run is going on. */
async function removeDeadRuns(): Promise<boolean> {
  const pids = (await readdir(runs).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids.filter((each) => !isRunning(each)))
    await rm(join(runs, String(pid)), { recursive: true, force: true });
  for (const name of await readdir(join(project, '.warroom'))) {
    const pid = /^demo-(\d+)\.log$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(project, '.warroom', name), { force: true });
  }
  return !pids.some(isRunning);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
}

/** The first Ctrl-C ends in order; a second one at once: all that was started is on a leash. */
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort(new DemoError('stopped', 'stopped by you', 'Nothing is left running.'));
  });
}
try {
  process.exitCode = await main(stopping);
} catch (error) {
  process.exitCode = 1;
  if (stopping.signal.aborted) {
    process.stderr.write('\nStopped by you; nothing is left running.\n');
    process.exitCode = 130;
  } else if (error instanceof DemoError) {
    process.stderr.write(`\n${error.message}\n${error.hint}\n`);
    if (error.code === 'help') process.exitCode = 0;
  } else {
    process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
// Sockets of the stand-ins that still linger must not keep the terminal waiting.
process.exit();
