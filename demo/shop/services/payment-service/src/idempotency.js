/** One answer per key: a repeated request gets the first one's answer, also while it is still running. */
export function createIdempotency({ settings, now = Date.now }) {
  const answers = new Map();

  function forgetExpired() {
    for (const [key, { at }] of answers) {
      if (now() - at <= settings().rememberMs && answers.size <= settings().maxKeys) break;
      answers.delete(key);
    }
  }

  return {
    once(key, work) {
      if (!key) return work();
      const known = answers.get(key);
      if (known && now() - known.at <= settings().rememberMs) return known.answer;
      const answer = work();
      answers.set(key, { answer, at: now() });
      answer.catch(() => answers.delete(key));
      forgetExpired();
      return answer;
    },
    size: () => answers.size,
  };
}
