import { createHmac, timingSafeEqual } from 'node:crypto';
import { hoursToMs } from './clock.js';

export class TokenError extends Error {
  constructor(code, message, details = {}) {
    super(message);
    this.name = 'TokenError';
    this.code = code;
    this.details = details;
  }
}

/**
 * Stateless session tokens: `keyId.payload.signature`. The lifetime is checked against the current
 * configuration, so that shortening it also ends sessions that are already out.
 */
export function createTokens({ session, keys, clock, now = Date.now }) {
  const lifetimeMs = () => hoursToMs(session().tokenTtlHours, clock());

  function issue({ userId, device }) {
    const keyId = keys().active;
    const issuedAt = now();
    const payload = encode({ sub: userId, dev: device, iat: issuedAt });
    return {
      token: `${keyId}.${payload}.${sign(keyId, payload)}`,
      expiresAt: new Date(issuedAt + lifetimeMs()).toISOString(),
    };
  }

  function verify(token) {
    const [keyId, payload, signature] = String(token ?? '').split('.');
    if (!keyId || !payload || !signature) throw new TokenError('TOKEN_MALFORMED', 'token is malformed');
    if (!Object.hasOwn(keys().secrets, keyId)) {
      throw new TokenError('TOKEN_KEY_UNKNOWN', `token key ${keyId} is not known`, { key_id: keyId });
    }
    if (!sameText(signature, sign(keyId, payload))) {
      throw new TokenError('TOKEN_FORGED', 'token signature does not match', { key_id: keyId });
    }
    const claims = decode(payload);
    const ageMs = now() - claims.iat;
    if (ageMs > lifetimeMs() + session().clockSkewMs) {
      throw new TokenError('TOKEN_EXPIRED', 'token has expired', {
        user_id: claims.sub,
        device: claims.dev,
        age_s: Math.round(ageMs / 1000),
        lifetime_s: Math.round(lifetimeMs() / 1000),
      });
    }
    return { userId: claims.sub, device: claims.dev, issuedAt: claims.iat };
  }

  function sign(keyId, payload) {
    return createHmac('sha256', keys().secrets[keyId]).update(`${keyId}.${payload}`).digest('base64url');
  }

  return { issue, verify, lifetimeMs };
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text) => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

function sameText(a, b) {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
