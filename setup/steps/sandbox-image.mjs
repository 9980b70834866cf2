import { lastWords, runCommand } from '../command.mjs';
import { buildHostBaseImage } from '../host-base-image.mjs';
import { buildHostPostgresImage } from '../host-postgres-image.mjs';
import { SetupProblem, say } from '../problem.mjs';
import { postgresImage, postgresImageFolder, sandboxImage, sandboxImageFolder } from '../sandbox-image.mjs';

/**
 * @typedef {object} Recipe
 * @property {string} what as a person knows it
 * @property {string} image name with the digest of its content
 * @property {string} folder with the Dockerfile
 * @property {string} title
 * @property {string} registryBase what it is built from where a registry answers
 * @property {string | undefined} chosenBase what somebody has decided to build it from
 * @property {string} setting the variable that says so
 * @property {(tag: string) => Promise<void>} buildHostBase from this machine's own binaries
 * @property {string[]} hostArguments of the build from those
 */

/**
 * The image that agents' commands run in, built once per content: from the official Node image where a registry
 * answers, else from this machine's own binaries. An image named by SANDBOX_IMAGE is somebody else's to build.
 * @param {string} nodePath the Node for a base made of this machine's binaries
 */
export function ensureSandboxImage(nodePath) {
  return ensureImage({
    what: 'sandbox image',
    image: sandboxImage,
    folder: sandboxImageFolder,
    title: 'Warroom sandbox for Node services',
    registryBase: 'node:24-bookworm-slim',
    chosenBase: process.env['SANDBOX_BASE_IMAGE'],
    setting: 'SANDBOX_BASE_IMAGE',
    buildHostBase: (tag) => buildHostBaseImage(tag, nodePath),
    hostArguments: ['--build-arg', 'APT_PACKAGES='],
  });
}

/** The image that indexes are tried in: PostgreSQL with a cluster that is ready to start. */
export function ensurePostgresImage() {
  return ensureImage({
    what: 'replica image',
    image: postgresImage,
    folder: postgresImageFolder,
    title: 'Warroom sandbox for trying indexes',
    registryBase: 'postgres:17-bookworm',
    chosenBase: process.env['SANDBOX_POSTGRES_BASE_IMAGE'],
    setting: 'SANDBOX_POSTGRES_BASE_IMAGE',
    buildHostBase: buildHostPostgresImage,
    hostArguments: [],
  });
}

/** @param {Recipe} recipe */
async function ensureImage(recipe) {
  const { what, image } = recipe;
  if ((await imageId(image)) !== undefined) return;
  const began = Date.now();
  say(`building the ${what} ${image}`);
  const built = await build(recipe, await chooseBase(recipe));
  if (built.code !== 0) {
    throw new SetupProblem(
      `docker build of the ${what} failed:\n${lastWords(built)}`,
      `Check: docker info; df -h. Or set ${recipe.setting} to an image you have, then: npm run images`,
    );
  }
  say(`${what} ready in ${((Date.now() - began) / 1000).toFixed(1)} s: ${await imageId(image)}`);
}

/** @param {Recipe} recipe @returns {Promise<{ image: string, source: string, fromHost: boolean }>} */
async function chooseBase({ chosenBase, setting, registryBase, image, buildHostBase }) {
  if (chosenBase) return { image: chosenBase, source: setting, fromHost: false };

  if ((await imageId(registryBase)) === undefined) {
    const pull = await runCommand('docker', ['pull', '-q', registryBase], { timeoutMs: 5 * 60_000 });
    if (pull.code !== 0) {
      if (process.platform !== 'linux') {
        throw new SetupProblem(
          `docker pull ${registryBase} failed: ${lastWords(pull, 1)}`,
          'Check the network and log in to a registry, then: npm run images',
        );
      }
      say(
        `no registry answers (${lastWords(pull, 1).slice(0, 120)}); building from this machine's own programs`,
      );
      const base = image.replace(/^warroom\/sandbox-/, 'warroom/base-');
      await buildHostBase(base);
      return { image: base, source: 'host binaries', fromHost: true };
    }
  }
  return { image: registryBase, source: registryBase, fromHost: false };
}

/** @param {Recipe} recipe @param {{ image: string, source: string, fromHost: boolean }} base */
function build({ image, folder, title, hostArguments }, base) {
  return runCommand(
    'docker',
    [
      'build',
      '--build-arg',
      `BASE_IMAGE=${base.image}`,
      ...(base.fromHost ? hostArguments : []),
      '--label',
      `org.opencontainers.image.title=${title}`,
      '--label',
      `warroom.base=${base.source}`,
      '-t',
      image,
      // For a bot that is started without set-up.
      '-t',
      image.replace(/:.*/, ':current'),
      folder,
    ],
    { timeoutMs: 10 * 60_000 },
  );
}

/** @param {string} reference @returns {Promise<string | undefined>} content digest of a local image */
async function imageId(reference) {
  const answer = await runCommand('docker', ['image', 'inspect', '--format', '{{.Id}}', reference]);
  return answer.code === 0 ? answer.stdout.trim() : undefined;
}
