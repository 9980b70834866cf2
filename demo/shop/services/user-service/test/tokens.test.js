import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokens } from '../src/tokens.js';

function makeTokens({ tokenTtlHours = 2 } = {}) {
  const state = { now: 1_000_000, session: { tokenTtlHours, clockSkewMs: 0 } };
  const tokens = createTokens({
    session: () => state.session,
    keys: () => ({ active: 'b', secrets: { a: 'old', b: 'new' } }),
    clock: () => ({ secondsPerHour: 10 }),
    now: () => state.now,
  });
  return { tokens, state };
}

test('a fresh token names its user and device', () => {
  const { tokens } = makeTokens();
  const { token } = tokens.issue({ userId: 'u-1', device: 'web' });
  const claims = tokens.verify(token);
  assert.equal(claims.userId, 'u-1');
  assert.equal(claims.device, 'web');
});

test('a token holds for its whole lifetime and not longer', () => {
  const { tokens, state } = makeTokens({ tokenTtlHours: 2 });
  const { token } = tokens.issue({ userId: 'u-1', device: 'mobile' });
  state.now += 20_000;
  assert.equal(tokens.verify(token).userId, 'u-1');
  state.now += 1;
  assert.throws(() => tokens.verify(token), { code: 'TOKEN_EXPIRED' });
});

test('tampering and unknown keys are refused', () => {
  const { tokens } = makeTokens();
  const [key, payload, signature] = tokens.issue({ userId: 'u-1', device: 'web' }).token.split('.');
  assert.throws(() => tokens.verify(`${key}.${payload}x.${signature}`), { code: 'TOKEN_FORGED' });
  assert.throws(() => tokens.verify(`zz.${payload}.${signature}`), { code: 'TOKEN_KEY_UNKNOWN' });
  assert.throws(() => tokens.verify(undefined), { code: 'TOKEN_MALFORMED' });
});
