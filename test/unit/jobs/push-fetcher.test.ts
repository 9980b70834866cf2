import { expect, it, onTestFinished } from 'vitest';
import type { Service } from '../../../src/domain/service.ts';
import { createPushFetcher } from '../../../src/jobs/push-fetcher.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { makeService } from '../../contract/github-service.ts';
import { until } from '../../support/server-process.ts';

const repository = (name: string, branch = 'main') => ({
  url: `https://git.example/${name}.git`,
  slug: `acme/${name}`,
  branch,
});
const push = (name: string, branch = 'main') => ({ slug: `acme/${name}`, branch });

/** Fetches end when the test says so. */
function startOver(services: readonly Service[]) {
  const fetched: string[] = [];
  const ends: (() => void)[] = [];
  let most = 0;
  let now = 0;
  const fetcher = createPushFetcher({
    services,
    source: {
      async fetch(service, signal) {
        fetched.push(service.name);
        now += 1;
        most = Math.max(most, now);
        const end = Promise.withResolvers<void>();
        ends.push(end.resolve);
        signal.addEventListener('abort', () => end.reject(signal.reason), { once: true });
        await end.promise.finally(() => {
          now -= 1;
        });
        return { head: '' };
      },
    },
    log: silentLog,
    pauseMs: 5,
  });
  onTestFinished(() => fetcher.close());
  const endAll = (): void => {
    for (const end of ends.splice(0)) end();
  };
  return { fetcher, fetched, endAll, most: () => most };
}

it('makes two fetches of a storm of pushes to one repository', async () => {
  const { fetcher, fetched, endAll } = startOver([makeService('shop', repository('shop'))]);

  for (let n = 0; n < 500; n += 1) expect(fetcher.notify(push('shop'))).toEqual(['shop']);
  expect(fetched).toHaveLength(1);
  endAll();
  await until('the second fetch', () => fetched.length === 2);
  endAll();
  fetcher.notify(push('shop'));
  await until('a fetch for a later push', () => fetched.length === 3);
});

it('fetches one mirror once for all its services, two mirrors at a time, and every one in the end', async () => {
  const names = ['one', 'two', 'three', 'four', 'five'];
  const services = names.map((name) => makeService(name, repository(name)));
  const { fetcher, fetched, endAll, most } = startOver([...services, makeService('twin', repository('one'))]);

  expect(fetcher.notify(push('one'))).toEqual(['one', 'twin']);
  for (const name of names) fetcher.notify(push(name));
  await until('all of them', () => {
    endAll();
    return new Set(fetched).size === names.length;
  });

  expect(most()).toBe(2);
});

it('leaves other branches and repositories alone, and knows a repository however its name is written', () => {
  const { fetcher, fetched } = startOver([makeService('shop', repository('shop', 'release'))]);

  expect(fetcher.notify(push('shop', 'main'))).toEqual([]);
  expect(fetcher.notify(push('other', 'release'))).toEqual([]);
  expect(fetched).toEqual([]);
  expect(fetcher.notify({ slug: 'Acme/Shop', branch: 'release' })).toEqual(['shop']);
});

it('ends at once, and starts nothing more', async () => {
  const { fetcher, fetched } = startOver([makeService('shop', repository('shop'))]);
  fetcher.notify(push('shop'));
  fetcher.notify(push('shop'));

  await fetcher.close();
  fetcher.notify(push('shop'));

  expect(fetched).toHaveLength(1);
});
