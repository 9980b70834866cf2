import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/server-process.ts';
import { leakEngineersWithoutPatch } from '../support/shop-engineers.ts';
import { openShop, type ShopHouse } from '../support/shop-house.ts';
import { growing, readRoom } from '../support/shop-room.ts';
import { leakDescriptors, playShop } from '../support/shop-telemetry.ts';

/**
 * From the alert to the card through the bot as it is run, its queue, its sandbox, the real SDK and Slack's front. What Claude
 * would say is written down (test/support/shop-engineers.ts): that it would say so is not what is shown here.
 */
describe('a whole incident in which Claude does not get to its end by itself', () => {
  const open: ShopHouse[] = [];
  afterEach(async () => {
    for (const shop of open.splice(0)) await shop.close();
  });

  async function openHouse(options: Parameters<typeof openShop>[0]): Promise<ShopHouse> {
    const shop = await openShop(options);
    open.push(shop);
    return shop;
  }

  it.each([
    ['refusal', () => ({ text: 'I would rather not.', stop: 'refusal' }), 'declined'],
    [
      'overload',
      () => ({ status: 529, type: 'overloaded_error', message: 'Overloaded', retryAfterS: 0 }),
      'overloaded',
    ],
  ])('%s: the thread says so, and the evidence engine answers', async (title, script, words) => {
    const shop = await openHouse({ fault: 'leak', telemetry: playShop(leakDescriptors), script });
    await shop.start();
    await shop.alert(growing);

    expect(await shop.rootCause()).toMatchObject({ service: 'order-service', commit: { sha: shop.commit } });
    const room = await readRoom(shop, title);
    expect(room.agent('order-service')).toMatchObject({ state: 'finished', investigator: 'evidence' });
    expect(room.agent('order-service').limits.join(' ')).toContain(words);
    expect(room.transcript).toContain(words);
  });

  it('a budget is reached: what was seen is told as a part, and nothing is guessed', async () => {
    const shop = await openHouse({
      fault: 'leak',
      telemetry: playShop(leakDescriptors),
      // It goes on looking and never reports.
      script: ({ turn }) => ({ calls: [{ name: 'log_search', input: { text: `line ${turn}` } }] }),
      policy: { agents: { perAgent: { turns: 3 } } },
    });
    await shop.start();
    await shop.alert(growing);

    await shop.rootCause();

    const room = await readRoom(shop, 'budget');
    const partial = room.findings.find((one) => one.kind === 'partial');
    expect(partial?.service).toBe('order-service');
    expect(partial?.text).toMatch(/3 turns/);
    expect(shop.claude.requests.length).toBeLessThanOrEqual(4);
  });

  it('killed in the middle, another process goes on from the last turn and repeats nothing', async () => {
    const shop = await openHouse({
      fault: 'leak',
      telemetry: playShop(leakDescriptors),
      script: leakEngineersWithoutPatch,
    });
    const first = await shop.start();
    await shop.alert(growing);
    await until('the second turn', () => shop.claude.requests.length >= 2 || undefined, 60_000);
    await first.crash();
    const asked = shop.claude.requests.length;

    await shop.start();
    expect(await shop.rootCause()).toMatchObject({ service: 'order-service', commit: { sha: shop.commit } });

    const room = await readRoom(shop, 'killed');
    // Four turns were needed; the one that was under way is the only one that may be asked for again.
    expect(shop.claude.requests.length).toBeLessThanOrEqual(5);
    expect(shop.claude.requests.length).toBeGreaterThan(asked);
    const keys = room.agent('order-service').steps.map((step) => step.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(room.plans.map((plan) => plan.body.remedies.map((one) => one.kind))).toEqual([['revert-commit']]);
  });

  it('a reply in its thread steers that agent', async () => {
    const words = 'Please look at the connections to inventory-service first.';
    const heard: string[] = [];
    let goOn: (() => void) | undefined;
    const shop = await openHouse({
      fault: 'leak',
      telemetry: playShop(leakDescriptors),
      script: (asked, commit) => {
        if (asked.said.includes(words)) heard.push(asked.service);
        // Its second turn waits until the person has written.
        goOn ??= shop.claude.pause();
        return leakEngineersWithoutPatch(asked, commit);
      },
    });
    await shop.start();
    await shop.alert(growing);
    await until('the first turn', () => goOn, 60_000);
    const { channel, ts } = await shop.agentThread('order-service');
    await shop.slack.as('mira').say(channel, words, ts);
    const suspect = await shop.investigation('order-service');
    await until('the reply to be kept', async () => {
      const kept = await shop.record.steers.ofInvestigation(suspect.id);
      return kept.length > 0 || undefined;
    });
    goOn?.();

    await shop.rootCause();

    const room = await readRoom(shop, 'steering');
    expect(new Set(heard)).toEqual(new Set(['order-service']));
    expect(room.transcript).toContain(words);
  });
});
