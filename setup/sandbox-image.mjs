import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What every image is built from, and its build context: images share parts. */
export const imagesFolder = fileURLToPath(new URL('../sandbox-images/', import.meta.url));

/**
 * Files of set-up that make a base image without a registry. They count for the base's name, too, so that a change of
 * a tool inside an image needs no new base.
 * @type {Readonly<Record<import('./sandbox-image.mjs').ImageKind, readonly string[]>>}
 */
const baseFiles = {
  node: ['host-root.mjs', 'host-base-image.mjs'],
  python: ['host-root.mjs', 'host-debian-image.mjs', 'debian-packages.mjs'],
  go: ['host-root.mjs', 'host-debian-image.mjs', 'debian-packages.mjs'],
  java: ['host-root.mjs', 'host-debian-image.mjs', 'debian-packages.mjs'],
  postgres: ['host-root.mjs', 'host-postgres-image.mjs'],
  redis: ['host-root.mjs', 'host-redis-image.mjs'],
};

export const imageKinds = /** @type {readonly import('./sandbox-image.mjs').ImageKind[]} */ (
  Object.keys(baseFiles)
);

/**
 * Everything that goes into the image is in its name: same content, same name, on every machine.
 * @param {import('./sandbox-image.mjs').ImageKind} kind
 */
export function imageName(kind) {
  const recipe = [...filesIn(`${kind}/`), ...filesIn('shared/')].map((file) => `../sandbox-images/${file}`);
  return `warroom/sandbox-${kind}:${digestOf([...recipe, ...baseFiles[kind]])}`;
}

/** @param {import('./sandbox-image.mjs').ImageKind} kind */
export function baseImageName(kind) {
  return `warroom/base-${kind}:${digestOf(baseFiles[kind])}`;
}

/** The image that this checkout builds for Node services. */
export const sandboxImage = imageName('node');

/** The image that this checkout builds and tries indexes in. */
export const postgresImage = imageName('postgres');

/** @param {string} folder within `imagesFolder`, with a slash at its end @returns {string[]} */
function filesIn(folder) {
  if (!existsSync(imagesFolder + folder)) return [];
  return readdirSync(imagesFolder + folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesIn(`${folder}${entry.name}/`) : [folder + entry.name]))
    .sort();
}

/** @param {readonly string[]} files relative to this file */
function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(new URL(file, import.meta.url)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}
