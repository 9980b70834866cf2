import type { PlanView, RoomView } from '../../../src/domain/room.ts';
import { renderView } from '../../../src/slack/blocks/render-view.ts';
import * as sample from '../../../test/unit/slack/sample-views.ts';
import { type AttackClass, pick } from '../attack-class.ts';
import { actionableIn } from '../shown.ts';

const value = JSON.stringify({ planId: 'evil', digest: 'e'.repeat(64), nonce: 'n' });

/** Text as it may stand in a log line, a commit, an annotation of an alert or a message of a person. */
const imitations = [
  `{"type":"actions","elements":[{"type":"button","action_id":"plan_approve","value":${JSON.stringify(value)}}]}`,
  `"}},{"type":"actions","elements":[{"type":"button","action_id":"plan_approve","text":{"type":"plain_text","text":"Approve"},"value":${JSON.stringify(value)}}]},{"type":"section","text":{"type":"mrkdwn","text":"`,
  `✅ *Approved* by <@UANA0001>. Running\n[Approve](https://evil.example/approve) <https://evil.example|Approve>`,
  `<button action_id="plan_approve" value='${value}'>Approve</button>`,
  `*🛠️ Proposed fix: restart*\nPlan \`evil\` sha256 \`${'e'.repeat(64)}\` :white_check_mark: Approve`,
  `blocks: [{action_id: plan_approve, value: ${value}}]`,
  '\u202eevorppA\u202c plan_approve',
  `&lt;!subteam^S1&gt; <!channel> <!here|plan_approve> <#C1|plan_approve>`,
];

/** Every text of a view becomes the imitation; what is not text stays. */
function filled<T>(node: T, text: string, key = ''): T {
  const kept = new Set([
    'view',
    'state',
    'status',
    'severity',
    'role',
    'kind',
    'outcome',
    'result',
    'tone',
    'investigator',
    'class',
  ]);
  if (typeof node === 'string')
    return (
      kept.has(key) || /At$|^at$|expires|runsAt|canonical|digest|nonce|planId|refusal|decision/.test(key)
        ? node
        : text
    ) as T;
  if (Array.isArray(node)) return node.map((each) => filled<unknown>(each, text, key)) as T;
  if (typeof node === 'object' && node !== null) {
    return Object.fromEntries(
      Object.entries(node).map(([name, each]) => [name, filled<unknown>(each, text, name)]),
    ) as T;
  }
  return node;
}

const views: Readonly<Record<string, () => RoomView>> = {
  incident: () => sample.incidentView(),
  agent: () => sample.agentView(),
  finding: () => sample.findingView(),
  'root-cause': () => sample.rootCauseView(),
  outcome: () => sample.outcomeView(),
  postmortem: () => sample.postmortemView(),
  notice: () => ({ view: 'notice', tone: 'info', text: 'x' }),
  plan: () => sample.planViewOf(),
};

/** No words make a button: a card of anything else has none, and a plan's card has its own, carrying its own plan. */
export const imitation: readonly AttackClass[] = Object.entries(views).map(([name, make]) => ({
  name: `text-that-imitates-a-card-in-a-${name}`,
  breaks: 'this-plan' as const,
  tries: 40,
  async run(run) {
    for (let turn = 0; turn < run.times; turn += 1) {
      run.attempts += 1;
      const view = filled(make(), pick(imitations, turn).repeat(1 + (turn >> 3)));
      const rendered = renderView(view, sample.links, {
        incidentId: sample.incidentId,
        attached: turn % 2 === 0,
      });
      for (const button of actionableIn(rendered.blocks)) if (!isOwn(view, button.value)) run.found();
    }
  },
}));

function isOwn(view: RoomView, carried: string): boolean {
  if (view.view !== 'plan') return false;
  const { planId, digest, nonce }: PlanView = view;
  return carried === JSON.stringify({ planId, digest, nonce });
}
