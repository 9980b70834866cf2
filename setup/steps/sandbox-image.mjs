import { lastWords, runCommand } from '../command.mjs';
import { buildHostBaseImage } from '../host-base-image.mjs';
import { SetupProblem, say } from '../problem.mjs';
import { sandboxImage, sandboxImageFolder } from '../sandbox-image.mjs';

const REGISTRY_BASE = 'node:24-bookworm-slim';

/**
 * The image that agents' commands run in, built once per content: from the official Node image where a registry
 * answers, else from this machine's own binaries. An image named by SANDBOX_IMAGE is somebody else's to build.
 * @param {string} nodePath the Node for a base made of this machine's binaries
 */
export async function ensureSandboxImage(nodePath) {
  if ((await imageId(sandboxImage)) !== undefined) return;
  const began = Date.now();
  say(`building the sandbox image ${sandboxImage}`);
  const base = await chooseBase(nodePath);
  const built = await build(base);
  if (built.code !== 0) {
    throw new SetupProblem(
      `docker build of the sandbox image failed:\n${lastWords(built)}`,
      'Check: docker info; df -h. Or set SANDBOX_BASE_IMAGE to an image with Node and git, then: npm run images',
    );
  }
  say(`sandbox image ready in ${((Date.now() - began) / 1000).toFixed(1)} s: ${await imageId(sandboxImage)}`);
}

/** @param {string} nodePath @returns {Promise<{ image: string, source: string, aptPackages?: string }>} */
async function chooseBase(nodePath) {
  const chosen = process.env['SANDBOX_BASE_IMAGE'];
  if (chosen) return { image: chosen, source: 'SANDBOX_BASE_IMAGE' };

  if ((await imageId(REGISTRY_BASE)) === undefined) {
    const pull = await runCommand('docker', ['pull', '-q', REGISTRY_BASE], { timeoutMs: 5 * 60_000 });
    if (pull.code !== 0) {
      if (process.platform !== 'linux') {
        throw new SetupProblem(
          `docker pull ${REGISTRY_BASE} failed: ${lastWords(pull, 1)}`,
          'Check the network and log in to a registry, then: npm run images',
        );
      }
      say(
        `no registry answers (${lastWords(pull, 1).slice(0, 120)}); building from this machine's own Node and git`,
      );
      const image = sandboxImage.replace('sandbox-node', 'sandbox-base');
      await buildHostBaseImage(image, nodePath);
      return { image, source: 'host binaries', aptPackages: '' };
    }
  }
  return { image: REGISTRY_BASE, source: REGISTRY_BASE };
}

/** @param {{ image: string, source: string, aptPackages?: string }} base */
function build({ image, source, aptPackages }) {
  return runCommand(
    'docker',
    [
      'build',
      '--build-arg',
      `BASE_IMAGE=${image}`,
      ...(aptPackages === undefined ? [] : ['--build-arg', `APT_PACKAGES=${aptPackages}`]),
      '--label',
      'org.opencontainers.image.title=Warroom sandbox for Node services',
      '--label',
      `warroom.base=${source}`,
      '-t',
      sandboxImage,
      // For a bot that is started without set-up.
      '-t',
      'warroom/sandbox-node:current',
      sandboxImageFolder,
    ],
    { timeoutMs: 10 * 60_000 },
  );
}

/** @param {string} reference @returns {Promise<string | undefined>} content digest of a local image */
async function imageId(reference) {
  const answer = await runCommand('docker', ['image', 'inspect', '--format', '{{.Id}}', reference]);
  return answer.code === 0 ? answer.stdout.trim() : undefined;
}
