/** npm run images: the sandbox image alone. */
import { SetupProblem, say, warn } from './problem.mjs';
import { sandboxImage } from './sandbox-image.mjs';
import { ensureDockerEngine } from './steps/docker.mjs';
import { ensureSandboxImage } from './steps/sandbox-image.mjs';

try {
  await ensureDockerEngine();
  await ensureSandboxImage(process.execPath);
  say(`present: ${sandboxImage}`);
} catch (problem) {
  if (!(problem instanceof SetupProblem)) throw problem;
  warn(problem.message, problem.hint);
  process.exitCode = 1;
}
