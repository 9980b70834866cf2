import { afterEach, describe, expect, it } from 'vitest';
import { findNothing, leakEngineers, tokenEngineers } from '../support/shop-engineers.ts';
import { openShop, type ShopHouse } from '../support/shop-house.ts';
import { failing, growing, readRoom, slow } from '../support/shop-room.ts';
import { anOrder, expireTokens, leakDescriptors, playShop } from '../support/shop-telemetry.ts';

/**
 * From the alert to the card through the bot as it is run, its queue, its sandbox, the real SDK and Slack's front. What Claude
 * would say is written down (test/support/shop-engineers.ts): that it would say so is not what is shown here.
 */
describe('a whole incident', () => {
  const open: ShopHouse[] = [];
  afterEach(async () => {
    for (const shop of open.splice(0)) await shop.close();
  });

  async function openHouse(options: Parameters<typeof openShop>[0]): Promise<ShopHouse> {
    const shop = await openShop(options);
    open.push(shop);
    return shop;
  }

  it('order-service blames user-service, which is asked exactly that and finds the commit', async () => {
    const shop = await openHouse({
      fault: 'token-ttl',
      telemetry: playShop({ request: expireTokens }),
      script: tokenEngineers,
    });
    await shop.start();
    await shop.alert(failing);

    const rootCause = await shop.rootCause();

    expect(rootCause).toMatchObject({
      outcome: 'confirmed',
      service: 'user-service',
      commit: { sha: shop.commit },
      path: ['user-service', 'order-service'],
    });
    const room = await readRoom(shop, 'token-ttl');
    expect(room.agent('user-service')).toMatchObject({ state: 'finished', investigator: 'claude' });
    expect(room.agent('order-service')).toMatchObject({ state: 'finished', investigator: 'claude' });
    expect(room.questions).toMatchObject([
      { from: 'order-service', to: 'user-service', answer: { verdict: 'mine' } },
    ]);
    expect(room.transcript).toContain('payment-service: nothing abnormal here');
    expect(room.plans.map((plan) => plan.body.remedies.map((one) => one.kind))).toEqual([['revert-commit']]);
  });

  it('a leak is reproduced, and a patch is offered whose check failed before and passes with it', async () => {
    const shop = await openHouse({
      fault: 'leak',
      telemetry: playShop(leakDescriptors),
      script: leakEngineers,
    });
    await shop.start();
    await shop.alert(growing);

    const rootCause = await shop.rootCause();

    expect(rootCause).toMatchObject({ service: 'order-service', commit: { sha: shop.commit } });
    const room = await readRoom(shop, 'leak');
    expect(room.evidence.find((row) => row.title.startsWith('Patch tried'))).toMatchObject({
      kind: 'check',
      empty: false,
    });
    const [plan] = room.plans;
    expect(plan?.body.remedies.map((one) => one.kind)).toEqual(['pull-request']);
    expect(room.transcript).toContain('response.resume()');
  });

  it('nothing is wrong: it ends inconclusive, with what was ruled out and no plan', async () => {
    const shop = await openHouse({
      fault: 'traffic-peak',
      telemetry: playShop({ request: () => anOrder() }),
      script: findNothing,
    });
    await shop.start();
    await shop.alert(slow);

    expect(await shop.rootCause()).toMatchObject({ outcome: 'inconclusive', commit: null });
    const room = await readRoom(shop, 'inconclusive');
    expect(room.plans).toEqual([]);
    expect(room.transcript).toContain('nothing abnormal');
  });
});
