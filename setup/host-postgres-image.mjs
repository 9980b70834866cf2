import { cpSync, existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { importRoot, mustFind, placeBusybox, placeProgram } from './host-root.mjs';

/**
 * PostgreSQL of this machine as an image, at the places where its programs look for the rest of it. About 80 MB.
 * @param {string} tag
 */
export async function buildHostPostgresImage(tag) {
  const programs = path.dirname(realpathSync(mustFind('postgres')));
  // …/15/bin has its libraries beside it, and what it shares under /usr/share: Debian's layout.
  const home = path.dirname(programs);
  const shared = path.join('/usr/share/postgresql', path.basename(home));
  await importRoot(
    tag,
    async (root) => {
      await placeBusybox(root);
      for (const name of ['postgres', 'initdb', 'pg_ctl', 'psql']) {
        await placeProgram(root, path.join(programs, name), path.join(programs, name));
      }
      const parts = [path.join(home, 'lib'), shared, '/usr/share/zoneinfo', '/usr/lib/locale/C.utf8'];
      for (const part of parts.filter((folder) => existsSync(folder))) {
        cpSync(part, path.join(root, part), {
          recursive: true,
          dereference: true,
          // Code for the just-in-time compiler, which the replica does without.
          filter: (place) => !/\/(bitcode|pgxs)$|llvmjit/.test(place),
        });
      }
    },
    programs,
  );
}
