import type { IncidentOnWire } from './bot-process.ts';

/** One thing that happened, said once: the key tells it from the others. */
export interface Sentence {
  readonly key: string;
  readonly text: string;
  /** `turn`: a person is asked to do something. */
  readonly tone: 'plain' | 'good' | 'bad' | 'turn';
}

/** How the person in the demo can go on by hand. */
export interface Surroundings {
  readonly approver: string;
  /** Name of a Slack user id. */
  readonly nameOf: (userId: string) => string;
  readonly cloneUrl: (service: string) => string;
}

type Plan = IncidentOnWire['plans'][number];

/** Everything that the record says has happened, in the order of the story. */
export function narrate(file: IncidentOnWire, around: Surroundings): Sentence[] {
  const { incident, rootCause } = file;
  const room = `#${incident.channelName}`;
  const said: Sentence[] = [
    { key: 'opened', tone: 'bad', text: `Alert: ${incident.title}. The incident has its channel: ${room}` },
  ];
  // What none of them can do is said once, by the first.
  for (const { service, limits } of file.investigations)
    for (const limit of limits)
      said.push({
        key: `limit ${limit.replaceAll(service, '')}`,
        tone: 'plain',
        text: `${service}: ${limit}`,
      });
  if (rootCause !== null) {
    const tone = rootCause.outcome === 'inconclusive' ? 'plain' : 'good';
    said.push({ key: 'root-cause', tone, text: `Root cause (${rootCause.outcome}): ${rootCause.statement}` });
  }
  const none = file.timeline.find((entry) => entry.kind === 'plan.none');
  if (none !== undefined)
    said.push({ key: 'no-plan', tone: 'turn', text: `${none.text}\n${goOnByHand(file, around)}` });
  for (const plan of file.plans) said.push(...narratePlan(plan, file, around));
  if (incident.status === 'resolved')
    said.push({ key: 'resolved', tone: 'good', text: 'The alert has resolved' });
  if (incident.stage === 'done')
    said.push({ key: 'done', tone: 'good', text: `The postmortem draft is in ${room}` });
  return said;
}

function narratePlan(plan: Plan, file: IncidentOnWire, around: Surroundings): Sentence[] {
  const room = `#${file.incident.channelName}`;
  const say = (state: string, tone: Sentence['tone'], text: string): Sentence => ({
    key: `${plan.id} ${state}`,
    tone,
    text,
  });
  const count = Math.round((Date.parse(plan.expiresAt) - Date.parse(plan.createdAt)) / 60_000);
  const minutes = count === 1 ? 'a minute' : `${count} minutes`;
  const said = [
    say(
      'pending',
      'turn',
      `Your turn: read the plan in ${room} as ${around.approver}, then Approve or Reject. It holds for ${minutes}`,
    ),
  ];
  const decisions = file.approvals.filter((approval) => approval.planId === plan.id);
  for (const { decision, userId } of decisions)
    said.push(say(`${decision} ${userId}`, 'plain', sayDecision(decision, around.nameOf(userId))));
  const execution = file.executions.find((one) => one.planId === plan.id);
  for (const [index, { receipt }] of (execution?.steps ?? []).entries())
    if (receipt !== null)
      said.push(say(`applied ${index}`, 'plain', [receipt.summary, receipt.url].filter(Boolean).join(' ')));
  const byHand = goOnByHand(file, around);
  switch (plan.state) {
    case 'expired':
      said.push(say('expired', 'turn', `The plan expired after ${minutes}; nothing was changed.\n${byHand}`));
      break;
    case 'rejected':
      said.push(say('rejected', 'turn', `Nothing was changed.\n${byHand}`));
      break;
    case 'failed':
      said.push(
        say(
          'failed',
          'bad',
          `The fix could not be carried out: ${execution?.error ?? 'see the channel'}\n${byHand}`,
        ),
      );
      break;
    case 'rolled-back':
      said.push(say('rolled-back', 'bad', `The fix did not help and was taken back.\n${byHand}`));
      break;
    case 'unverified':
      said.push(say('unverified', 'plain', 'The fix is in; whether it helped could not be measured'));
      break;
    case 'void':
      said.push(say('void', 'plain', 'The plan was withdrawn: it is not needed any more'));
      break;
    case 'verified':
      for (const { check } of execution?.steps ?? [])
        if (check !== null) said.push(say(`check ${check.text}`, 'good', check.text));
      said.push(say('verified', 'good', 'The fix is verified by the alert’s own expression'));
      break;
  }
  return said;
}

function sayDecision(decision: IncidentOnWire['approvals'][number]['decision'], name: string): string {
  switch (decision) {
    case 'approve':
      return `${name} approved the plan`;
    case 'reject':
      return `${name} rejected the plan`;
    case 'break-glass':
      return `${name} let the plan run alone, by break-glass`;
    case 'self-run':
      return 'The policy lets the plan run by itself';
    default:
      return decision satisfies never;
  }
}

function goOnByHand(file: IncidentOnWire, around: Surroundings): string {
  const { service, commit } = file.rootCause ?? { service: null, commit: null };
  const repair =
    service === null || commit === null
      ? 'repair the service by hand'
      : `revert it by hand (git clone ${around.cloneUrl(service)}; git revert ${commit.sha.slice(0, 8)}; git push)`;
  return `To go on, ${repair} and the alert resolves; or end the incident with "/warroom resolve" in the channel; or press Ctrl-C and start again.`;
}
