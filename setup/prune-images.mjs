import { runCommand } from './command.mjs';
import { say } from './problem.mjs';
import { baseImageName, imageKinds, imageName } from './sandbox-image.mjs';

/** Another checkout on this machine may be at work with an older recipe. */
const keptMs = 24 * 3600 * 1000;

/** Removes images of older recipes of ours that no container is made of; the engine refuses the others. */
export async function pruneImages() {
  const current = new Set(imageKinds.flatMap((kind) => [imageName(kind), baseImageName(kind)]));
  const references = imageKinds.flatMap((kind) => [`warroom/sandbox-${kind}`, `warroom/base-${kind}`]);
  const listed = await runCommand('docker', [
    'image',
    'ls',
    ...references.flatMap((reference) => ['--filter', `reference=${reference}`]),
    '--format',
    '{{.Repository}}:{{.Tag}}\t{{.CreatedAt}}',
  ]);
  let removed = 0;
  for (const line of listed.stdout.split('\n').filter(Boolean)) {
    const [name = '', createdAt = ''] = line.split('\t');
    const age = Date.now() - Date.parse(createdAt.replace(/ [A-Z]+$/, ''));
    if (current.has(name) || name.endsWith(':current') || !(age > keptMs)) continue;
    if ((await runCommand('docker', ['image', 'rm', name])).code === 0) removed += 1;
  }
  if (removed > 0) say(`removed ${removed} images of older recipes`);
}
