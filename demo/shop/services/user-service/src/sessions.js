import { HttpError } from './kit/errors.js';
import { TokenError } from './tokens.js';

const DEVICES = new Set(['web', 'mobile']);

/** Logging in, renewing and verifying. Renewal hands out a fresh token for one that still holds. */
export function createSessions({ tokens, users, limiter, log }) {
  function open({ userId, device }) {
    if (!DEVICES.has(device)) throw new HttpError(400, 'UNKNOWN_DEVICE', `unknown device: ${device}`);
    const user = users.find(userId);
    if (!user) throw new HttpError(404, 'UNKNOWN_USER', `no such user: ${userId}`);
    if (!limiter.allow(userId)) throw new HttpError(429, 'TOO_MANY_LOGINS', 'too many logins, wait a little');
    users.touch(userId);
    log.info('session opened', { user_id: userId, device });
    return { userId, device, ...tokens.issue({ userId, device }) };
  }

  function renew(token) {
    const claims = check(token);
    return { userId: claims.userId, device: claims.device, ...tokens.issue(claims) };
  }

  function verify(token) {
    const claims = check(token);
    const user = users.find(claims.userId);
    if (!user || user.blocked) throw new HttpError(403, 'USER_BLOCKED', 'this account is closed');
    return { userId: user.id, device: claims.device, tier: user.tier, country: user.country };
  }

  function check(token) {
    try {
      return tokens.verify(token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      throw new HttpError(401, error.code, error.message, error.details, { cause: error });
    }
  }

  return { open, renew, verify };
}
