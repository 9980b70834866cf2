/** npm run images [-- KIND...]: the sandbox images alone. */
import { SetupProblem, say, warn } from './problem.mjs';
import { imageRecord } from './record-images.mjs';
import { imageKinds, imageName } from './sandbox-image.mjs';
import { ensureDockerEngine } from './steps/docker.mjs';
import { ensureImages } from './steps/sandbox-images.mjs';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !imageKinds.some((kind) => kind === name));
if (unknown.length > 0) {
  warn(`there is no image ${unknown.join(', ')}`, `Usage: npm run images [-- ${imageKinds.join(' ')}]`);
  process.exit(2);
}
const kinds = asked.length === 0 ? imageKinds : imageKinds.filter((kind) => asked.includes(kind));
/** @type {Set<string>} */
const failed = new Set();
try {
  await ensureDockerEngine();
  await ensureImages(kinds, process.execPath, (kind, problem) => {
    failed.add(kind);
    warn(problem.message, problem.hint);
  });
  for (const kind of kinds.filter((one) => !failed.has(one))) say(`present: ${imageName(kind)}`);
  say(`recorded in ${imageRecord}`);
} catch (problem) {
  if (!(problem instanceof SetupProblem)) throw problem;
  warn(problem.message, problem.hint);
  failed.add('all');
}
process.exitCode = failed.size > 0 ? 1 : 0;
