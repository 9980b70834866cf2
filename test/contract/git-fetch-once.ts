import { join } from 'node:path';
import { createGit } from '../../src/adapters/git/git.ts';
import { silentLog } from '../../src/platform/log.ts';
import { makeService } from './github-service.ts';

/** One process among several that fetch the same repository: `git-fetch-once.ts CACHE_DIR URL`. */
const [cacheDir = '', url = ''] = process.argv.slice(2);
const source = createGit({
  cacheDir,
  workDir: join(cacheDir, 'work'),
  credentials: async () => null,
  log: silentLog,
});
const service = makeService('crowd', { url, slug: 'acme/crowd', branch: 'main' });
const { head } = await source.fetch(service, AbortSignal.timeout(30_000));
await source.files(service, head, AbortSignal.timeout(30_000));
