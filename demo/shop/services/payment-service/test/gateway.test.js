import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGateway } from '../src/gateway.js';

const simulator = { minLatencyMs: 10, spreadMs: 100, declineEvery: 7 };
const make = (timeoutMs, random) =>
  createGateway({ settings: () => ({ timeoutMs, simulator }), sleep: async () => {}, random: () => random });

test('answers within the timeout', async () => {
  assert.equal((await make(200, 0.5).authorize({ card: 1 })).outcome, 'accepted');
});

test('gives up when the acquirer is slower than the timeout', async () => {
  await assert.rejects(make(50, 0.9).authorize({ card: 1 }), { code: 'GATEWAY_TIMEOUT' });
});

test('a declined card is an answer; refunds are never declined', async () => {
  assert.equal((await make(200, 0).authorize({ card: 14 })).outcome, 'declined');
  assert.equal((await make(200, 0).refund({ card: 14 })).outcome, 'accepted');
});
