import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder with the Dockerfile. */
export const sandboxImageFolder = folderOf('node');

/** The image that this checkout builds and runs agents' commands in; `SANDBOX_IMAGE` overrides it. */
export const sandboxImage = nameOf('node', ['host-root.mjs', 'host-base-image.mjs']);

/** Folder with the Dockerfile. */
export const postgresImageFolder = folderOf('postgres');

/** The image that this checkout builds and tries indexes in. */
export const postgresImage = nameOf('postgres', ['host-root.mjs', 'host-postgres-image.mjs']);

/** @param {string} kind */
function folderOf(kind) {
  return fileURLToPath(new URL(`../sandbox-images/${kind}/`, import.meta.url));
}

/**
 * Everything that goes into the image is in its name: same content, same name, on every machine.
 * @param {string} kind @param {string[]} setupFiles
 */
function nameOf(kind, setupFiles) {
  const folder = new URL(`../sandbox-images/${kind}/`, import.meta.url);
  const recipe = [
    ...readdirSync(folder)
      .sort()
      .map((name) => new URL(name, folder)),
    ...setupFiles.map((name) => new URL(`./${name}`, import.meta.url)),
  ];
  const hash = createHash('sha256');
  for (const file of recipe) hash.update(readFileSync(file)).update('\0');
  return `warroom/sandbox-${kind}:${hash.digest('hex').slice(0, 12)}`;
}
