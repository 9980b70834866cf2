import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoArguments } from './arguments.ts';
import { clickApprove } from './click-approve.ts';
import { approver } from './people.ts';
import { type DemoResult, demoResult } from './result.ts';
import { DemoError } from './shop/demo-error.ts';
import { injectScenario } from './shop/inject-scenario.ts';
import { readScenario } from './shop/scenario.ts';
import type { Stack } from './stack.ts';
import type { Teller } from './teller.ts';
import { watchIncident } from './watch-incident.ts';

const minutes = 60_000;

/** From healthy traffic to a resolved incident. A person clicks, unless the run is headless. */
export async function runStory(parts: {
  stack: Stack;
  options: DemoArguments;
  teller: Teller;
  signal: AbortSignal;
}): Promise<DemoResult> {
  const { stack, options, teller, signal } = parts;
  // Read first: a scenario that cannot be read should not cost a minute of waiting.
  const scenario = await readScenario(options.scenario);
  teller.step(`Slack is at ${stack.slack.pageUrl}`);
  teller.step(`Healthy traffic for ${options.warmUpS} s, so that there is something to compare with`);
  await sleep(options.warmUpS * 1000, undefined, { signal });

  const injection = await injectScenario(scenario, stack.repositoriesDir);
  teller.step(`Fault pushed to ${injection.service}: ${scenario.title}`);
  const watch = watchIncident(stack.bot, signal);

  const opened = await watch.opened(3 * minutes);
  teller.step(`Alert: ${opened.incident.title}. Channel #${opened.incident.channelName}`);
  const settled = await watch.until(
    'the root cause is settled',
    (file) => file.rootCause !== null,
    5 * minutes,
  );
  teller.step(`Root cause (${settled.rootCause?.outcome}): ${settled.rootCause?.statement}`);
  const planned = await watch.until(
    'a plan is offered',
    (file) =>
      file.plans.length > 0 ||
      file.timeline.some((entry) => entry.kind === 'plan.none') ||
      file.incident.stage === 'done',
    2 * minutes,
  );
  if (planned.plans.length > 0) {
    await approve(parts, planned.incident.channelName);
    await watch.until(
      'the approval arrives',
      (file) => file.approvals.length > 0,
      options.headless ? minutes : 24 * 60 * minutes,
    );
    teller.step('Approved');
    await watch.until(
      'the fix is verified',
      (file) =>
        ['verified', 'rolled-back', 'failed', 'void', 'rejected'].includes(file.plans[0]?.state ?? ''),
      10 * minutes,
    );
    teller.step('The plan has ended; waiting for the alert to resolve');
  } else if (options.headless) {
    throw new DemoError(
      'no_plan',
      'no plan was offered',
      `The reason is in the channel and in ${stack.bot.logFile}.`,
    );
  }
  const file = await watch.until(
    'the postmortem is drafted',
    (one) => one.incident.stage === 'done',
    options.headless ? 5 * minutes : 24 * 60 * minutes,
  );
  teller.step('Resolved; the postmortem draft is in the channel');
  // The last cards are on their way to Slack: counted messages should be all of them.
  await sleep(1_500, undefined, { signal });
  return demoResult({
    scenario,
    injection,
    file,
    slack: stack.slack,
    pullRequests: await stack.github.pullRequests(injection.service),
  });
}

async function approve(
  { stack, options, teller }: Parameters<typeof runStory>[0],
  channelName: string,
): Promise<void> {
  if (!options.headless) {
    teller.step(`Your turn: read the plan in #${channelName} and decide, as ${approver}`);
    return;
  }
  teller.step(`Chromium clicks Approve as ${approver}`);
  await clickApprove({ pageUrl: stack.slack.pageUrl, channelName, person: approver });
}
