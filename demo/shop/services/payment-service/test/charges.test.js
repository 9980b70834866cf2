import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCharges } from '../src/charges.js';
import { createConnectionPool } from '../src/connection-pool.js';
import { createFraudCheck } from '../src/fraud.js';
import { GatewayTimeout } from '../src/gateway.js';
import { createIdempotency } from '../src/idempotency.js';
import { createLedger } from '../src/ledger.js';

const request = { orderId: 'o-1', userId: 'u-1', amountMinor: 1000, currency: 'EUR', card: 5 };

function makeCharges({ authorize, maxCharges = 10 } = {}) {
  const calls = [];
  const gateway = {
    authorize: async (body) => {
      calls.push(body);
      return authorize ? authorize(calls.length) : { outcome: 'accepted', reference: `ref-${calls.length}` };
    },
    refund: async () => ({ outcome: 'accepted', reference: 'ref-r' }),
  };
  const ledger = createLedger({ settings: () => ({ maxEntries: 10 }) });
  const charges = createCharges({
    gateway,
    pool: createConnectionPool({ settings: () => ({ maxConnections: 2, acquireTimeoutMs: 50 }) }),
    ledger,
    fraud: createFraudCheck({ settings: () => ({ windowMs: 1000, maxCharges, maxAmountMinor: 1e9 }) }),
    idempotency: createIdempotency({ settings: () => ({ rememberMs: 1000, maxKeys: 10 }) }),
    settings: () => ({ attempts: 2, retryDelayMs: 1 }),
    fees: () => ({ default: { basisPoints: 100, fixedMinor: 5 } }),
    log: { info() {} },
  });
  return { charges, ledger, calls };
}

test('a charge is recorded with the fee that the acquirer keeps', async () => {
  const { charges, ledger } = makeCharges();
  const charge = await charges.charge(request);
  assert.equal(charge.feeMinor, 15);
  assert.equal(ledger.find(charge.id).amountMinor, 1000);
});

test('a repeated key is charged once', async () => {
  const { charges, calls } = makeCharges();
  const [a, b] = await Promise.all([charges.charge(request, 'key'), charges.charge(request, 'key')]);
  assert.equal(a.id, b.id);
  assert.equal(calls.length, 1);
});

test('a timeout is tried again, a second one is said', async () => {
  const once = makeCharges({
    authorize: (n) => {
      if (n === 1) throw new GatewayTimeout(10);
      return { outcome: 'accepted', reference: 'r' };
    },
  });
  assert.ok(await once.charges.charge(request));
  const never = makeCharges({
    authorize: () => {
      throw new GatewayTimeout(10);
    },
  });
  await assert.rejects(never.charges.charge(request), { status: 504, code: 'GATEWAY_TIMEOUT' });
});

test('declined, suspicious and malformed charges are the customer’s affair, not a failure', async () => {
  const declined = makeCharges({ authorize: () => ({ outcome: 'declined' }) });
  await assert.rejects(declined.charges.charge(request), { status: 402, code: 'CARD_DECLINED' });
  const eager = makeCharges({ maxCharges: 1 });
  await eager.charges.charge(request);
  await assert.rejects(eager.charges.charge(request), { status: 402, code: 'CHARGE_BLOCKED' });
  await assert.rejects(eager.charges.charge({ ...request, amountMinor: 1.5 }), { status: 400 });
});

test('a refund gives back no more than what was taken', async () => {
  const { charges } = makeCharges();
  const { id } = await charges.charge(request);
  await charges.refund({ chargeId: id, amountMinor: 400 });
  await assert.rejects(charges.refund({ chargeId: id, amountMinor: 700 }), { status: 422 });
  assert.equal((await charges.refund({ chargeId: id })).refundedMinor, 1000);
  await assert.rejects(charges.refund({ chargeId: 'nope' }), { status: 404 });
});
