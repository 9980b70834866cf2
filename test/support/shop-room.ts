import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Investigation } from '../../src/domain/investigation.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import type { ShopHouse } from './shop-house.ts';
import { writeTranscript } from './transcript.ts';

export const failing = {
  name: 'HighErrorRatio',
  service: 'order-service',
  summary: 'order-service fails 33 % of its requests',
};
export const growing = {
  name: 'DescriptorsGrowing',
  service: 'order-service',
  summary: 'order-service holds 400 file descriptors',
};
export const slow = {
  name: 'HighLatencyP99',
  service: 'order-service',
  summary: 'P99 latency of order-service is 1.2 s',
};

/** Where set, each thread is written there as a person reads it: that is how `docs/transcripts` is made. */
const transcripts = process.env['WRITE_TRANSCRIPTS'] ?? '';

/** What an incident has come to, once it waits for people only; its timeline has to be whole. */
export async function readRoom(shop: ShopHouse, title: string) {
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
