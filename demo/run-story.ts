import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoArguments } from './arguments.ts';
import type { IncidentOnWire } from './bot-process.ts';
import { clickApprove } from './click-approve.ts';
import { narrate, type Surroundings } from './narrate.ts';
import { approver } from './people.ts';
import { type DemoResult, demoResult } from './result.ts';
import { injectScenario } from './shop/inject-scenario.ts';
import type { Scenario } from './shop/scenario.ts';
import type { Stack } from './stack.ts';
import { type Phase, phaseOf } from './story-phase.ts';
import type { Teller } from './teller.ts';
import { watchIncident } from './watch-incident.ts';

/** How long each phase may take before something is wrong, in milliseconds. */
const patienceMs: Record<Exclude<Phase, 'stuck' | 'done'>, number> = {
  'waiting for the alert': 180_000,
  'finding the root cause': 300_000,
  'making a plan': 120_000,
  'waiting for a decision': 180_000,
  'carrying out the fix': 600_000,
  'resolving and drafting the postmortem': 300_000,
};

/** For an alert to resolve by itself once its reason is gone. */
const quietMs = 120_000;

/** The last cards are on their way to Slack when the story is over: counted messages should be all of them. */
const lastCardsMs = 1_500;

export interface StoryParts {
  readonly stack: Stack;
  readonly scenario: Scenario;
  readonly options: DemoArguments;
  readonly chromium: string | null;
  readonly teller: Teller;
  readonly signal: AbortSignal;
}

/**
 * From healthy traffic to a resolved incident. A person decides, unless the run is headless; then every phase has an end
 * and the result says which one was not reached.
 */
export async function runStory(parts: StoryParts): Promise<DemoResult> {
  const { stack, scenario, options, teller, signal } = parts;
  teller.step(`Healthy traffic for ${options.warmUpS} s, so that there is something to compare with`);
  await sleep(options.warmUpS * 1000, undefined, { signal });
  const injection = await injectScenario(scenario, stack.repositoriesDir);
  if (scenario.trafficFactor !== null) stack.shop.pace(scenario.trafficFactor);
  teller.step(
    injection.commit === null
      ? `An ordinary release went out: ${scenario.title}`
      : `Fault pushed to ${injection.service}: ${scenario.title}`,
  );

  const around: Surroundings = {
    approver,
    nameOf: (id) => stack.slack.users.find((user) => user.id === id)?.name ?? id,
    // Where a person pushes without a password; the deployer follows it all the same.
    cloneUrl: (service) => join(stack.repositoriesDir, `${service}.git`),
  };
  const { file, problem } = await follow(parts, injection.at, around);
  await sleep(lastCardsMs, undefined, { signal });
  return demoResult({
    scenario,
    injection,
    file,
    problem,
    slack: stack.slack,
    nameOf: around.nameOf,
    pullRequests: await stack.github.pullRequests(file?.plans.at(-1)?.body.service ?? injection.service),
  });
}

async function follow(
  parts: StoryParts,
  faultAt: Date,
  around: Surroundings,
): Promise<{ file: IncidentOnWire | null; problem: string | null }> {
  const { stack, scenario, options, teller, signal } = parts;
  const told = new Set<string>();
  let phase: Phase = 'waiting for the alert';
  let sinceMs = Date.now();
  let late = false;
  let clicked = false;
  let lastWords = '';
  let peak = scenario.trafficFactor !== null;
  for await (const file of watchIncident(stack.bot, faultAt, signal)) {
    for (const sentence of file === null ? [] : narrate(file, around)) {
      if (told.has(sentence.key)) continue;
      told.add(sentence.key);
      [lastWords = ''] = sentence.text.split('\n');
      // Nobody is there to be asked.
      if (!(options.headless && sentence.key.endsWith(' pending'))) teller.tell(sentence);
    }
    const now = phaseOf(file);
    if (now !== phase) [phase, sinceMs, late] = [now, Date.now(), false];
    if (phase === 'done') return { file, problem: null };
    if (phase === 'stuck' && scenario.expected === 'inconclusive') {
      // Nobody offers to repair what is not broken; the peak passes by itself.
      if (peak) {
        peak = false;
        stack.shop.pace(1);
        teller.step('The peak passes');
      }
    } else if (phase === 'stuck' && options.headless) return { file, problem: lastWords };
    if (phase === 'waiting for a decision' && options.headless && !clicked && file !== null) {
      clicked = true;
      const problem = await click(parts, file.incident.channelName);
      if (problem !== null) return { file, problem };
    }
    const mayTakeMs =
      phase === 'stuck' ? (scenario.expected === 'inconclusive' ? quietMs : Infinity) : patienceMs[phase];
    const waitsForPerson = phase === 'waiting for a decision' && !options.headless;
    if (late || waitsForPerson || Date.now() - sinceMs < mayTakeMs) continue;
    const problem = `${phase}: not done within ${mayTakeMs / 1000} s`;
    if (options.headless) return { file, problem };
    late = true;
    teller.tell({
      key: phase,
      tone: 'bad',
      text: `Still ${phase}. What Warroom does is in ${stack.bot.logFile}`,
    });
  }
  return { file: null, problem: 'the story was left' };
}

/** Why it could not be clicked; null when it was. */
async function click({ stack, teller, chromium }: StoryParts, channelName: string): Promise<string | null> {
  teller.step(`Chromium clicks Approve as ${approver}`);
  try {
    await clickApprove({ pageUrl: stack.slack.pageUrl, channelName, person: approver, chromium });
    return null;
  } catch (error) {
    return `Chromium could not click Approve: ${error instanceof Error ? error.message : String(error)}`;
  }
}
