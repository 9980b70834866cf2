import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Everything that goes into the image's name: same content, same name, on every machine. */
const recipe = [
  ...readdirSync(new URL('../sandbox-images/node/', import.meta.url))
    .sort()
    .map((name) => new URL(`../sandbox-images/node/${name}`, import.meta.url)),
  new URL('./host-base-image.mjs', import.meta.url),
];
const hash = createHash('sha256');
for (const file of recipe) hash.update(readFileSync(file)).update('\0');

/** Folder with the Dockerfile. */
export const sandboxImageFolder = fileURLToPath(new URL('../sandbox-images/node/', import.meta.url));

/** The image that this checkout builds and runs agents' commands in; `SANDBOX_IMAGE` overrides it. */
export const sandboxImage = `warroom/sandbox-node:${hash.digest('hex').slice(0, 12)}`;
