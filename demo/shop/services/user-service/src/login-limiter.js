/** Sliding window: at most `maxLogins` for one user within `windowMs`. */
export function createLoginLimiter({ settings, now = Date.now }) {
  const attempts = new Map();

  return {
    allow(userId) {
      const { maxLogins, windowMs } = settings();
      const since = now() - windowMs;
      const recent = (attempts.get(userId) ?? []).filter((at) => at > since);
      const allowed = recent.length < maxLogins;
      if (allowed) recent.push(now());
      attempts.set(userId, recent);
      return allowed;
    },
    forgetOlderThan(ms) {
      const since = now() - ms;
      for (const [userId, times] of attempts) {
        if (times.every((at) => at <= since)) attempts.delete(userId);
      }
    },
    size: () => attempts.size,
  };
}
