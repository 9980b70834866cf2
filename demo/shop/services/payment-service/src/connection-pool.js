export class PoolTimeout extends Error {
  constructor(waitedMs, maxConnections) {
    super(`no free gateway connection after ${waitedMs} ms (${maxConnections} in use)`);
    this.name = 'PoolTimeout';
    this.code = 'POOL_TIMEOUT';
  }
}

/** At most `maxConnections` calls at a time; later callers queue, first come first served. */
export function createConnectionPool({ settings }) {
  const waiting = [];
  let inUse = 0;

  function acquire() {
    const { maxConnections, acquireTimeoutMs } = settings();
    if (inUse < maxConnections) {
      inUse += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter = { grant: resolve };
      waiter.timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(new PoolTimeout(acquireTimeoutMs, maxConnections));
      }, acquireTimeoutMs);
      waiting.push(waiter);
    });
  }

  function release() {
    inUse -= 1;
    while (waiting.length > 0 && inUse < settings().maxConnections) {
      const next = waiting.shift();
      clearTimeout(next.timer);
      inUse += 1;
      next.grant();
    }
  }

  return {
    async use(work) {
      await acquire();
      try {
        return await work();
      } finally {
        release();
      }
    },
    stats: () => ({ inUse, waiting: waiting.length }),
  };
}
