import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../domain/service.ts';
import type { Log } from '../platform/log.ts';
import type { SourceControl } from '../ports/source-control.ts';

export interface PushFetcher {
  /** @returns names of the services whose source is fetched soon */
  notify(push: { slug: string; branch: string }): readonly string[];
  /** Gives up what is under way. */
  close(): Promise<void>;
}

export interface PushFetcherOptions {
  readonly services: readonly Service[];
  readonly source: Pick<SourceControl, 'fetch'>;
  readonly log: Log;
  /** From the end of a fetch to the next one of the same repository. */
  readonly pauseMs?: number;
  /** Fetches at the same time. */
  readonly most?: number;
}

/**
 * Fetches the mirror of this machine when its repository was pushed to. Best effort, and so in no queue that outlives the
 * process: whoever investigates fetches anyway, and has less to wait for after this.
 *
 * However many pushes arrive while a repository is fetched, or waits to be, one more fetch answers them all.
 */
export function createPushFetcher(options: PushFetcherOptions): PushFetcher {
  const { services, source, log, pauseMs = 2_000, most = 2 } = options;
  const stopping = new AbortController();
  /** By address, in order of arrival. */
  const waiting = new Map<string, Service>();
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();

  function start(): void {
    for (const [url, service] of waiting) {
      if (running.size >= most || stopping.signal.aborted) return;
      if (busy.has(url)) continue;
      waiting.delete(url);
      busy.add(url);
      const work = run(url, service).finally(() => {
        running.delete(work);
        start();
      });
      running.add(work);
    }
  }

  async function run(url: string, service: Service): Promise<void> {
    try {
      await source.fetch(service, stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted)
        log.warn({ err: error, service: service.name }, 'a pushed repository was not fetched');
    }
    // Others have their turn meanwhile.
    const pause = sleep(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    void pause.then(() => {
      busy.delete(url);
      start();
    });
  }

  return {
    notify({ slug, branch }) {
      const pushed = services.filter(
        ({ repository }) =>
          repository.slug.toLowerCase() === slug.toLowerCase() && repository.branch === branch,
      );
      for (const service of pushed)
        if (!waiting.has(service.repository.url)) waiting.set(service.repository.url, service);
      start();
      return pushed.map((service) => service.name);
    },

    async close() {
      stopping.abort(new Error('the process is stopping'));
      waiting.clear();
      await Promise.all(running);
    },
  };
}
