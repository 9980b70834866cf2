import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { runStory } from './run-story.ts';
import { DemoError } from './shop/demo-error.ts';
import { startStack } from './stack.ts';
import { createTeller } from './teller.ts';

const project = resolve(import.meta.dirname, '..');

/** The main job on one machine: shop, monitoring, local Slack and GitHub, the bot, a fault, and the way out of it. */
async function main(): Promise<number> {
  if (existsSync(resolve(project, '.env'))) process.loadEnvFile(resolve(project, '.env'));
  const options = readArguments(process.argv.slice(2), (process.env['ANTHROPIC_API_KEY'] ?? '') !== '');
  const teller = createTeller();
  const stopping = new AbortController();
  const interrupt = () =>
    stopping.abort(new DemoError('stopped', 'stopped by you', 'Nothing is left running.'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);

  // Releases run from inside the project folder: that is where their libraries are.
  const dir = resolve(project, '.warroom', 'demo', String(process.pid));
  await mkdir(dir, { recursive: true });
  try {
    const stack = await startStack({
      dir,
      environment: investigatorEnvironment(options.investigator),
      signal: stopping.signal,
      say: teller.step,
    });
    try {
      const result = await runStory({ stack, options, teller, signal: stopping.signal });
      if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else teller.summary(result);
      if (!options.headless) await teller.waitForEnd(stopping.signal, stack.slack.pageUrl);
      return result.expected.right && result.verification?.alertResolved === true ? 0 : 1;
    } finally {
      teller.step('Stopping everything');
      await stack.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function investigatorEnvironment(investigator: 'evidence' | 'claude'): Record<string, string> {
  const passed: Record<string, string> = { INVESTIGATOR: investigator };
  if (investigator === 'evidence') return passed;
  for (const name of ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'CLAUDE_MODEL']) {
    const value = process.env[name];
    if (value !== undefined && value !== '') passed[name] = value;
  }
  return passed;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof DemoError) process.stderr.write(`\n${error.message}\n${error.hint}\n`);
  else process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode =
    error instanceof DemoError && (error.code === 'help' || error.code === 'stopped') ? 0 : 1;
}
// Sockets of the stand-ins that still linger must not keep the terminal waiting.
process.exit();
