/** npm run images: the sandbox images alone. */
import { SetupProblem, say, warn } from './problem.mjs';
import { postgresImage, sandboxImage } from './sandbox-image.mjs';
import { ensureDockerEngine } from './steps/docker.mjs';
import { ensurePostgresImage, ensureSandboxImage } from './steps/sandbox-image.mjs';

try {
  await ensureDockerEngine();
  await ensureSandboxImage(process.execPath);
  say(`present: ${sandboxImage}`);
  await ensurePostgresImage();
  say(`present: ${postgresImage}`);
} catch (problem) {
  if (!(problem instanceof SetupProblem)) throw problem;
  warn(problem.message, problem.hint);
  process.exitCode = 1;
}
