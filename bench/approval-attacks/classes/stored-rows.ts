import { canonicalJson, type Json, sha256 } from '../../../src/platform/canonical-json.ts';
import { type AttackClass, pick, type Run, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { who } from '../world.ts';

/** Somebody has the database's password, but neither Slack's secret nor ours, and wants a worker to run their rows. */
function tampered(
  name: string,
  tries: number,
  how: (scene: Scene, run: Run, turn: number) => Promise<void>,
): AttackClass {
  return {
    name,
    breaks: 'what-was-approved',
    tries,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        restore: 'never',
        async attack(scene, turn) {
          await how(scene, run, turn);
          await scene.run();
        },
      }),
  };
}

async function approve(scene: Scene): Promise<void> {
  await scene.click(who.ana);
  await scene.arena.quiet(scene.plan.id);
}

const approvedByHand = async (scene: Scene): Promise<void> => {
  await scene.arena.tamper(`update plans set state = 'approved' where id = $1`, [scene.plan.id]);
  await scene.arena.tamper(`update incidents set stage = 'execution' where id = $1`, [scene.plan.incidentId]);
};

const insertApproval = (
  scene: Scene,
  row: { planId?: string; digest?: string; by?: string; decision?: string; id?: string },
): Promise<void> =>
  scene.arena.tamper(
    `insert into approvals (id, plan_id, digest, user_id, decision, at) values ($1, $2, $3, $4, $5, clock_timestamp())`,
    [
      row.id ?? scene.arena.name('forged'),
      row.planId ?? scene.plan.id,
      row.digest ?? scene.plan.digest,
      row.by ?? who.ana,
      row.decision ?? 'approve',
    ],
  );

const setCanonical = (scene: Scene, canonical: string, digest = scene.plan.digest): Promise<void> =>
  scene.arena.tamper('update plans set canonical = $2, digest = $3 where id = $1', [
    scene.plan.id,
    canonical,
    digest,
  ]);

/** The plan's own bytes, a little different, in ways that mean the same or something else. */
function otherBytes({ plan }: Scene, turn: number): string {
  const { canonical, body } = plan;
  const reversed = (value: Json): Json =>
    Array.isArray(value) || value === null || typeof value !== 'object'
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, each]) => [key, reversed(each as Json)]),
        );
  const shifted = { ...body, risk: { ...body.risk, class: 'low' as const } };
  return pick(
    [
      JSON.stringify(reversed(body as unknown as Json)),
      JSON.stringify(body, null, 1),
      `${canonical} `,
      canonical.replace('Change', '\\u0043hange'),
      canonical.replace('limit', 'limit\u0000'.replace('\u0000', '\u200b')),
      canonical.replaceAll('limit', 'límit'.normalize('NFD')),
      canonical.replace('"-1', '"-2').replace('\\n-1', '\\n-2'),
      canonicalJson(shifted as unknown as Json).replace('low', 'low '),
      canonical.replace('restart-service', 'flush-cache'),
      canonical.replace('"ledger"', '"mailer"'),
    ],
    turn,
  );
}

export const storedRows: readonly AttackClass[] = [
  tampered('bytes-changed-after-the-click', 30, async (scene, _run, turn) => {
    await approve(scene);
    await setCanonical(scene, otherBytes(scene, turn));
  }),
  tampered('bytes-and-digest-changed-after-the-click', 12, async (scene, _run, turn) => {
    await approve(scene);
    const bytes = otherBytes(scene, turn);
    await setCanonical(scene, bytes, sha256(bytes));
  }),
  tampered('state-set-by-hand', 12, approvedByHand),
  tampered('state-set-by-hand-on-a-rejected-plan', 12, async (scene) => {
    await scene.reject(who.bea);
    await scene.arena.quiet(scene.plan.id);
    await approvedByHand(scene);
  }),
  tampered('approval-of-another-digest', 12, async (scene, run, turn) => {
    await insertApproval(scene, {
      digest: pick([sha256(run.arena.name('x')), '', scene.plan.digest.toUpperCase()], turn),
    });
    await approvedByHand(scene);
  }),
  tampered('approvals-moved-from-another-plan', 12, async (scene, run) => {
    const other = await run.stage();
    await approve(other);
    await scene.arena.tamper('update approvals set plan_id = $2 where plan_id = $1', [
      other.plan.id,
      scene.plan.id,
    ]);
    await approvedByHand(scene);
    await other.run();
  }),
  tampered('row-that-carries-another-plan-whole', 12, async (scene, run) => {
    const other = await run.stage();
    run.arena.ledger.allow(other.plan.id, 'do');
    await approve(other);
    await other.run();
    // What has been done keeps its target until it is verified.
    await scene.arena.tamper('delete from target_locks');
    const { canonical, digest } = other.plan;
    await setCanonical(scene, canonical, digest);
    await scene.arena.tamper(
      `insert into approvals (id, plan_id, digest, user_id, decision, at)
       select id || '-copy', $2, digest, user_id, decision, clock_timestamp() from approvals where plan_id = $1`,
      [other.plan.id, scene.plan.id],
    );
    await approvedByHand(scene);
  }),
  tampered('rejection-taken-for-an-approval', 12, async (scene) => {
    await insertApproval(scene, { decision: 'reject' });
    await approvedByHand(scene);
  }),
  {
    ...tampered('one-approval-written-twice', 12, async () => undefined),
    run: (run) =>
      siege(run, {
        perPlan: 1,
        restore: 'never',
        stage: () => ({ risk: 'high' }),
        async attack(scene) {
          await approve(scene);
          await scene.arena.tamper(
            `insert into approvals (id, plan_id, digest, user_id, decision, in_name_of, at)
             select id || '-copy', plan_id, digest, user_id, decision, in_name_of, clock_timestamp() from approvals where plan_id = $1`,
            [scene.plan.id],
          );
          await approvedByHand(scene);
          await scene.run();
        },
      }),
  },
  tampered('another-plan-put-between-click-and-run', 12, async (scene) => {
    await approve(scene);
    // The approved one is put away, and an unapproved twin with the same looks takes its place.
    const body = { ...scene.plan.body, planId: `${scene.plan.id}x` };
    const canonical = canonicalJson(body as unknown as Json);
    await scene.arena.tamper(
      `insert into plans (id, incident_id, canonical, digest, nonce, state, created_by, created_at, expires_at)
       select $2, incident_id, $3, $4, nonce, 'approved', created_by, clock_timestamp(), expires_at from plans where id = $1`,
      [scene.plan.id, body.planId, canonical, sha256(canonical)],
    );
    await scene.arena.tamper(`update plans set state = 'void' where id = $1`, [scene.plan.id]);
  }),
];
