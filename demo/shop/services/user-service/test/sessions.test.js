import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoginLimiter } from '../src/login-limiter.js';
import { createSessions } from '../src/sessions.js';
import { createTokens } from '../src/tokens.js';
import { createUsers } from '../src/users.js';

const log = { info() {} };

function makeSessions() {
  const state = { now: 5_000_000 };
  const now = () => state.now;
  const tokens = createTokens({
    session: () => ({ tokenTtlHours: 1, clockSkewMs: 0 }),
    keys: () => ({ active: 'k', secrets: { k: 's' } }),
    clock: () => ({ secondsPerHour: 10 }),
    now,
  });
  const limiter = createLoginLimiter({ settings: () => ({ maxLogins: 2, windowMs: 1000 }), now });
  const users = createUsers({ population: 5, now });
  return { sessions: createSessions({ tokens, users, limiter, log }), state, users };
}

test('opening a session needs a known user and device', () => {
  const { sessions } = makeSessions();
  assert.throws(() => sessions.open({ userId: 'u-0001', device: 'fridge' }), { status: 400 });
  assert.throws(() => sessions.open({ userId: 'nobody', device: 'web' }), { status: 404 });
});

test('a renewed session outlives the first token', () => {
  const { sessions, state } = makeSessions();
  const first = sessions.open({ userId: 'u-0001', device: 'web' });
  state.now += 6_000;
  const second = sessions.renew(first.token);
  state.now += 6_000;
  assert.throws(() => sessions.verify(first.token), { status: 401, code: 'TOKEN_EXPIRED' });
  assert.equal(sessions.verify(second.token).userId, 'u-0001');
});

test('too many logins are slowed down, a closed account is refused', () => {
  const { sessions, users } = makeSessions();
  const { token } = sessions.open({ userId: 'u-0002', device: 'web' });
  sessions.open({ userId: 'u-0002', device: 'web' });
  assert.throws(() => sessions.open({ userId: 'u-0002', device: 'web' }), { status: 429 });
  users.find('u-0002').blocked = true;
  assert.throws(() => sessions.verify(token), { status: 403 });
});
