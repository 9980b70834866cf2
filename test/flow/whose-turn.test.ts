import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

/** A person asks for a fix of their own while agents still look; they end, and know one too. */
async function askedWhileAgentsLook(): Promise<Plan> {
  room = await openWarRoom();
  await room.alert();
  const plan = await room.proposed('U-KIM', steps('own'));
  expect((await room.record.plans.ofIncident(plan.incidentId)).map(({ createdBy }) => createdBy)).toEqual([
    'user:U-KIM',
  ]);
  return plan;
}

const offered = async (plan: Plan) =>
  (await room.record.plans.ofIncident(plan.incidentId)).map(({ createdBy, state }) => [createdBy, state]);

describe("the agents' fix", () => {
  it("comes after a person's that was rejected", async () => {
    const plan = await askedWhileAgentsLook();
    await room.click(plan, 'U-APPROVER', 'reject', 'not that');
    await room.restart();

    expect(await offered(plan)).toEqual([
      ['agent:ledger', 'pending'],
      ['user:U-KIM', 'rejected'],
    ]);
  });

  it("comes after a person's that nobody decided about", async () => {
    const plan = await askedWhileAgentsLook();
    room.clock.pass({ minutes: 16 });
    await room.restart();

    expect(await offered(plan)).toEqual([
      ['agent:ledger', 'pending'],
      ['user:U-KIM', 'expired'],
    ]);
  });

  it("comes after a person's that did not help and was taken back", async () => {
    const plan = await askedWhileAgentsLook();
    await room.click(plan, 'U-APPROVER');
    await room.work();
    await room.restart();

    expect(await offered(plan)).toEqual([
      ['agent:ledger', 'pending'],
      ['user:U-KIM', 'rolled-back'],
    ]);
  });

  it("does not come after a person's that helped", async () => {
    const plan = await askedWhileAgentsLook();
    room.remedy.onApply = () => room.fixture.metrics.set(0.01);
    await room.click(plan, 'U-APPROVER');
    await room.work();
    await room.restart();

    expect(await offered(plan)).toEqual([['user:U-KIM', 'verified']]);
    expect((await room.incident(plan)).stage).toBe('learning');
  });

  it('is not previewed over and over while a person’s waits', async () => {
    const plan = await askedWhileAgentsLook();
    let previews = 0;
    room.remedy.beforePreview = async () => {
      previews += 1;
    };
    for (let look = 0; look < 3; look += 1) await room.restart();

    expect(previews).toBe(0);
    expect(await room.state(plan)).toBe('pending');
  });
});

describe("a person's plan that waits", () => {
  it('is withdrawn when its incident comes to concern another service, also before the agents begin', async () => {
    room = await openWarRoom({ investigator: nobodyKnows });
    await room.alert();
    const incident = await room.newest();
    expect(await room.propose(incident, 'U-KIM', steps('own'))).toMatchObject({ accepted: true });
    const plan = await room.newestPlan(incident);
    expect((await room.incident(plan)).stage).toBe('triage');

    await room.alert('shopfront');

    expect(await room.state(plan)).toBe('void');
  });
});
