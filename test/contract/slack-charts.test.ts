import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Chart } from '../../src/domain/chart.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { Deliverer } from '../../src/slack/deliverer.ts';
import { logChart, metricChart } from '../support/charts.ts';
import { type House, openHouse } from './slack-house.ts';

describe('a chart in a thread', () => {
  let house: House;
  let deliverer: Deliverer;
  let broken = false;
  let drawn = 0;

  const charts = {
    async render(chart: Chart): Promise<Uint8Array> {
      if (broken) throw new Error('no canvas on this machine');
      drawn += 1;
      return Buffer.from(`PNG of ${chart.title}`);
    },
  };

  beforeAll(async () => {
    house = await openHouse();
  });
  afterEach(async () => {
    broken = false;
    house.slack.faults.clear();
    await deliverer.stop();
  });
  afterAll(() => house.close());

  it('is uploaded once, though the answer of the upload is lost', async () => {
    const incident = await withRootCause();
    await put(incident, metricChart);
    house.slack.faults.loseAnswer('files.completeUploadExternal', 1);

    await deliver(incident);

    expect(await picturesOf(incident)).toEqual(['Curve over time']);
  });

  it('is replaced, not repeated, and taken away when nothing speaks for it any more', async () => {
    const incident = await withRootCause();
    await put(incident, metricChart);
    await deliver(incident);
    await put(incident, logChart);
    await delivered(incident);

    expect(await picturesOf(incident)).toEqual(['Log lines over time']);
    await put(incident, null);
    await delivered(incident);
    expect(await picturesOf(incident)).toEqual([]);
  });

  it('is left out when it cannot be drawn, and nothing waits for it', async () => {
    broken = true;
    const incident = await withRootCause();
    const before = drawn;
    await put(incident, metricChart);
    await house.put(incident, 'notice:after', notice);

    await deliver(incident);

    expect(drawn).toBe(before);
    expect(await picturesOf(incident)).toEqual([]);
    expect((await house.messages(incident)).map((message) => message.text)).toHaveLength(2);
  });

  it('is left out where the installation allows no files', async () => {
    const incident = await withRootCause();
    await put(incident, metricChart);
    house.slack.faults.refuse('files.getUploadURLExternal', 1, 'missing_scope');

    await deliver(incident);

    expect(await picturesOf(incident)).toEqual([]);
  });

  const notice = { type: 'message', view: { view: 'notice', tone: 'info', text: 'Settled.' } } as const;

  async function withRootCause(): Promise<Incident> {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'root-cause', notice);
    return incident;
  }

  async function put(incident: Incident, chart: Chart | null): Promise<void> {
    await house.put(incident, 'chart:root-cause:metric', { type: 'chart', chart, thread: 'root-cause' });
  }

  async function deliver(incident: Incident): Promise<void> {
    deliverer = house.deliverer(undefined, charts);
    await delivered(incident);
  }

  async function delivered(incident: Incident): Promise<void> {
    deliverer.poke();
    await vi.waitFor(async () => expect(await house.delivered(incident)).toBe(true), { timeout: 10_000 });
  }

  /** Titles of the files in the thread. */
  async function picturesOf(incident: Incident): Promise<string[]> {
    const channel = (await house.record.incidents.get(incident.id))?.channelId ?? '';
    const [head] = await house.messages(incident);
    const thread = await house.client.conversations.replies({ channel, ts: head?.ts ?? '' });
    return (thread.messages ?? []).flatMap((message) =>
      (message.files ?? []).map((file) => file.title ?? ''),
    );
  }
});
