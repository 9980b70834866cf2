import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from './command.mjs';
import { importRoot, mustFind, placeBusybox, placeProgram } from './host-root.mjs';

/**
 * A base image without a registry: Node, npm, git and ripgrep of this machine with the libraries they load, and
 * busybox for a shell. Takes seconds and about 160 MB; Linux only.
 * @param {string} tag name for the image
 * @param {string} nodePath the Node to put in
 */
export async function buildHostBaseImage(tag, nodePath) {
  await importRoot(tag, async (root) => {
    await placeBusybox(root);
    for (const folder of ['usr/share/git-core/templates', 'usr/lib/git-core']) {
      mkdirSync(path.join(root, folder), { recursive: true });
    }
    await placeProgram(root, nodePath, '/usr/local/bin/node');
    await placeProgram(root, mustFind('git'), '/usr/bin/git');
    symlinkSync('/usr/bin/git', path.join(root, 'usr/lib/git-core/git'));
    const ripgrep = findProgram('rg');
    if (ripgrep !== undefined) await placeProgram(root, ripgrep, '/usr/bin/rg');
    placeNpm(root);
  });
}

/** The npm that runs set-up, so that a service's `npm test` works. Other package managers have another layout. @param {string} root */
function placeNpm(root) {
  const cli = [process.env['npm_execpath'], findProgram('npm')].find(
    (place) => place !== undefined && existsSync(place),
  );
  if (cli === undefined) return;
  const folder = path.dirname(path.dirname(realpathSync(cli)));
  if (!existsSync(path.join(folder, 'bin/npm-cli.js'))) return;
  cpSync(folder, path.join(root, 'usr/local/lib/node_modules/npm'), {
    recursive: true,
    filter: (place) => !/\/(man|docs)$/.test(place),
  });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(root, 'usr/local/bin', name));
  }
}
