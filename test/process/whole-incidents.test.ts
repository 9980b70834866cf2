import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Investigation } from '../../src/domain/investigation.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { until } from '../support/server-process.ts';
import { findNothing, leakEngineers, tokenEngineers } from '../support/shop-engineers.ts';
import { openShop, type ShopHouse } from '../support/shop-house.ts';
import { anOrder, expireTokens, leakDescriptors, playShop } from '../support/shop-telemetry.ts';
import { writeTranscript } from '../support/transcript.ts';

const failing = {
  name: 'HighErrorRatio',
  service: 'order-service',
  summary: 'order-service fails 33 % of its requests',
};
const growing = {
  name: 'DescriptorsGrowing',
  service: 'order-service',
  summary: 'order-service holds 400 file descriptors',
};
const slow = {
  name: 'HighLatencyP99',
  service: 'order-service',
  summary: 'P99 latency of order-service is 1.2 s',
};

/** Where set, each thread is written there as a person reads it: that is how `docs/transcripts` is made. */
const transcripts = process.env['WRITE_TRANSCRIPTS'] ?? '';

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

  async function readRoom(shop: ShopHouse, title: string) {
    await shop.shown();
    const { record } = shop;
    const [incident] = await record.incidents.recent(1);
    if (incident === undefined) throw new Error('there is no incident');
    const { id } = incident;
    expect(firstBrokenLink(await record.timeline.ofIncident(id))).toBeNull();
    const transcript = await writeTranscript(shop.slack, 'mira', incident.channelId ?? '');
    if (transcripts !== '') {
      await mkdir(transcripts, { recursive: true });
      await writeFile(join(transcripts, `${title}.md`), transcript);
    }
    const investigations = await record.investigations.ofIncident(id);
    return {
      transcript,
      investigations,
      findings: await record.findings.ofIncident(id),
      evidence: await record.evidence.ofIncident(id),
      plans: await record.plans.ofIncident(id),
      questions: await record.peerQuestions.ofIncident(id),
      agent: (service: string): Investigation => {
        const found = investigations.find((one) => one.service === service);
        if (found === undefined) throw new Error(`${service} was not looked at`);
        return found;
      },
    };
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
      script: leakEngineers,
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
    expect(room.plans.map((plan) => plan.body.remedies.map((one) => one.kind))).toEqual([['pull-request']]);
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
        return leakEngineers(asked, commit);
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
