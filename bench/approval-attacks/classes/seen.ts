import { type PlanBody, planCanonical } from '../../../src/domain/plan.ts';
import type { PlanView } from '../../../src/domain/room.ts';
import { renderView } from '../../../src/slack/blocks/render-view.ts';
import { aPlanBody } from '../../../test/support/builders.ts';
import * as sample from '../../../test/unit/slack/sample-views.ts';
import { type AttackClass, inTurns, type Run, siege } from '../attack-class.ts';
import { mutationOf } from '../mutations.ts';
import type { Scene } from '../scene.ts';
import { actionableIn, missingFrom, type Readable } from '../shown.ts';
import { who } from '../world.ts';

/** Plans executed of which something could not be read; kept beside the effects that nobody had consented to. */
export const unseen = { plans: 0, checked: 0, samples: [] as string[] };

function judge(readable: Readable, body: PlanBody, run: Run): void {
  unseen.checked += 1;
  const missing = body.remedies.flatMap((remedy) => missingFrom(readable, remedy));
  if (missing.length === 0) return;
  unseen.plans += 1;
  run.notShown += 1;
  if (unseen.samples.length < 12)
    unseen.samples.push(`${missing.join(', ')} :: ${JSON.stringify(body.remedies).slice(0, 300)}`);
}

function viewOf(body: PlanBody): PlanView {
  return sample.planViewOf({}, { planId: body.planId, state: 'pending', breakGlass: true }, body);
}

const links = { evidence: () => 'https://warroom.example/e', incident: () => 'https://warroom.example/i' };

/** What a card would offer for these bytes, and all there is to read when it does; null when it offers nothing. */
function offered(body: PlanBody): Readable | null {
  const view = viewOf(body);
  const context = { incidentId: body.incidentId };
  const first = renderView(view, links, { ...context, attached: false });
  const approves = (blocks: unknown): boolean =>
    actionableIn(blocks).some(({ actionId }) => /approve|glass|stop/.test(actionId));
  if (approves(first.blocks)) return { blocks: first.blocks, files: [] };
  if (first.files.length === 0) return null;
  const then = renderView(view, links, { ...context, attached: true });
  return approves(then.blocks)
    ? { blocks: then.blocks, files: first.files.map((file) => file.content) }
    : null;
}

/** Many plans by the renderers alone: whatever has a button must be readable. */
const rendered: AttackClass = {
  name: 'hidden-text-on-a-card',
  breaks: 'seen',
  tries: 1_200,
  async run(run) {
    for (let turn = 0; turn < run.times; turn += 1) {
      run.attempts += 1;
      const { params, preview } = mutationOf(turn);
      const plain = aPlanBody({});
      const [remedy] = plain.remedies;
      if (remedy === undefined) return;
      const step = { ...remedy, params, preview: { ...remedy.preview, ...preview } };
      const remedies = turn % 5 === 0 ? [step, remedy, step] : [step];
      // As the executor reads it: from the canonical bytes.
      const body = JSON.parse(planCanonical({ ...plain, remedies }).canonical) as PlanBody;
      const readable = offered(body);
      if (readable !== null) judge(readable, body, run);
    }
  },
};

async function readInSlack(scene: Scene): Promise<Readable & { value: string | null }> {
  const { client, flow } = { client: scene.arena.client, flow: scene.flow };
  const entries = await flow.record.outbox.ofIncident(scene.plan.incidentId);
  const ts = entries.find((entry) => entry.key === `plan:${scene.plan.id}`)?.externalId ?? '';
  const thread = await client.conversations.replies({ channel: scene.channelId, ts, limit: 1000 });
  const messages = thread.messages ?? [];
  const files: string[] = [];
  for (const { files: attached } of messages as { files?: { url_private?: string }[] }[]) {
    for (const { url_private: url } of attached ?? []) {
      const answer = await fetch(url ?? '', { headers: { authorization: `Bearer ${scene.arena.token}` } });
      if (answer.ok) files.push(await answer.text());
    }
  }
  const blocks = messages[0]?.blocks ?? [];
  const approve = actionableIn(blocks).find(({ actionId }) => actionId === 'plan_approve');
  return { blocks, files, value: approve?.value ?? null };
}

/** The same through Slack: what hangs in the channel is read, its own button is clicked, and what is then done is compared. */
function executed(
  name: string,
  tries: number,
  mutation: (turn: number) => ReturnType<typeof mutationOf>,
  more: object = {},
): AttackClass {
  return {
    name,
    breaks: 'seen',
    tries,
    run: (run) => {
      let turn = 0;
      return siege(run, {
        perPlan: 1,
        restore: 'never',
        stage: () => {
          const { params, preview } = mutation(turn++);
          return { params, shape: { preview }, ...more };
        },
        async attack(scene) {
          const seen = await readInSlack(scene);
          if (seen.value === null) {
            // No button is what such a plan deserves; whoever knows the plan's secret all the same is not let in either.
            await scene.click(who.ana);
          } else {
            run.arena.ledger.allow(scene.plan.id, 'do', scene.steps);
            await scene.click(who.ana, 'approve', seen.value);
          }
          await run.arena.quiet(scene.plan.id);
          await scene.run();
          const effects = run.arena.ledger.effects.filter((effect) => effect.planId === scene.plan.id);
          if (effects.length === 0) return;
          judge(seen, { ...scene.plan.body, remedies: effects.map((effect) => effect.planned) }, run);
        },
      });
    },
  };
}

export const seen: readonly AttackClass[] = [
  rendered,
  executed('hidden-text-through-slack', 40, (turn) => mutationOf(turn + 5_000)),
  executed('change-that-nobody-can-read', 12, (turn) => ({
    params: {},
    preview: {
      diff:
        turn % 2 === 0
          ? `+${'a line of many\n+'.repeat(80_000)}\n`
          : 'diff --git a/x b/x\nGIT binary patch\nliteral 10\nzcmZQzfB\n',
    },
  })),
  {
    name: 'file-that-slack-did-not-take',
    breaks: 'seen',
    tries: 12,
    async run(run) {
      const { faults } = run.arena.slack;
      faults.refuse('files.completeUploadExternal', 1_000, 'file_not_found');
      await inTurns(run.times, 4, async () => {
        run.attempts += 1;
        const scene = await run.stage({ shape: { preview: { diff: `+${'a line\n+'.repeat(2_000)}` } } });
        const before = await readInSlack(scene);
        await scene.click(who.ana, 'approve', before.value ?? scene.value);
        await run.arena.quiet(scene.plan.id);
        await scene.run();
        const effects = run.arena.ledger.effects.filter((effect) => effect.planId === scene.plan.id);
        if (effects.length > 0)
          judge(before, { ...scene.plan.body, remedies: effects.map((effect) => effect.planned) }, run);
      });
      faults.clear();
    },
  },
];
