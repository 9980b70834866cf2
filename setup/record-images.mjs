import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.mjs';
import { imageKinds, imageName } from './sandbox-image.mjs';

/** Read by src/config/sandbox-images.ts: the bot opens what this says, by content. */
export const imageRecord = fileURLToPath(new URL('../.warroom/images.json', import.meta.url));

/** Writes down which images of this checkout are there, by the digest of their content. */
export async function recordImages() {
  const found = await Promise.all(
    imageKinds.map(async (kind) => {
      const name = imageName(kind);
      const answer = await runCommand('docker', ['image', 'inspect', name]);
      if (answer.code !== 0) return null;
      const [image] = JSON.parse(answer.stdout);
      const base = image.Config?.Labels?.['warroom.base'] ?? 'unknown';
      return [kind, { name, id: image.Id, base, builtAt: image.Created }];
    }),
  );
  const images = Object.fromEntries(found.filter((entry) => entry !== null));
  mkdirSync(path.dirname(imageRecord), { recursive: true });
  const draft = `${imageRecord}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ version: 1, images }, null, 2)}\n`);
  renameSync(draft, imageRecord);
}
