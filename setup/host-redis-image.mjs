import { importRoot, mustFind, placeBusybox, placeProgram } from './host-root.mjs';

/**
 * Redis of this machine as an image. About 20 MB.
 * @param {string} tag
 */
export async function buildHostRedisImage(tag) {
  await importRoot(tag, async (root) => {
    await placeBusybox(root);
    for (const name of ['redis-server', 'redis-cli']) {
      await placeProgram(root, mustFind(name), `/usr/local/bin/${name}`);
    }
  });
}
