import { lastWords, runCommand } from '../command.mjs';
import { imageRecipes } from '../image-recipes.mjs';
import { SetupProblem, say } from '../problem.mjs';
import { pruneImages } from '../prune-images.mjs';
import { recordImages } from '../record-images.mjs';
import { baseImageName, imageName, imagesFolder } from '../sandbox-image.mjs';

/** @typedef {import('../sandbox-image.mjs').ImageKind} ImageKind */

/**
 * Images that code runs in, built once per content: from the official image of the language where a registry answers,
 * else from this machine's own programs or packages. What is there at the end is recorded for the bot, also when one fails.
 * @param {readonly ImageKind[]} kinds
 * @param {string} nodePath the Node for a base that is made of this machine's programs
 * @param {(kind: ImageKind, problem: SetupProblem) => void} onProblem may throw
 */
export async function ensureImages(kinds, nodePath, onProblem) {
  let built = 0;
  for (const [index, kind] of kinds.entries()) {
    try {
      if (await ensureImage(kind, nodePath, kinds.length > 1 ? ` (${index + 1} of ${kinds.length})` : ''))
        built += 1;
    } catch (problem) {
      if (!(problem instanceof SetupProblem)) throw problem;
      await recordImages();
      onProblem(kind, problem);
    }
  }
  await recordImages();
  if (built > 0) await pruneImages();
}

/** @param {ImageKind} kind @param {string} nodePath @param {string} place @returns {Promise<boolean>} whether it had to be built */
async function ensureImage(kind, nodePath, place) {
  const image = imageName(kind);
  if ((await imageId(image)) !== undefined) return false;
  const began = Date.now();
  const { title, setting } = imageRecipes[kind];
  say(`building ${image}${place}: ${title}`);
  const built = await build(kind, image, await chooseBase(kind, nodePath));
  if (built.code !== 0) {
    throw new SetupProblem(
      `docker build of ${image} failed:\n${lastWords({ ...built, stderr: built.stderr.replace(/^DEPRECATED:.*(\n .*)*/m, '') })}`,
      `Check: docker info; df -h. Or set ${setting} to an image you have, then: npm run images -- ${kind}`,
    );
  }
  say(`${kind} image ready in ${((Date.now() - began) / 1000).toFixed(1)} s: ${await imageId(image)}`);
  return true;
}

/** No registry is asked twice when it is out of reach; one that lacks a single image is. */
let registryIsAway = false;

/** @param {ImageKind} kind @param {string} nodePath @returns {Promise<{ image: string, source: string, fromHost: boolean }>} */
async function chooseBase(kind, nodePath) {
  const { setting, registryBase, buildHostBase } = imageRecipes[kind];
  const chosen = process.env[setting];
  if (chosen) return { image: chosen, source: setting, fromHost: false };
  if ((await imageId(registryBase)) !== undefined)
    return { image: registryBase, source: registryBase, fromHost: false };

  const why = registryIsAway ? 'as before' : await pull(registryBase);
  if (why === null) return { image: registryBase, source: registryBase, fromHost: false };
  if (process.platform !== 'linux') {
    throw new SetupProblem(
      `docker pull ${registryBase} failed: ${why}`,
      `Check the network and log in to a registry, then: npm run images -- ${kind}`,
    );
  }
  const base = baseImageName(kind);
  if ((await imageId(base)) === undefined) {
    say(`no registry answers (${why.slice(0, 120)}); building from what this machine has`);
    await buildHostBase(base, nodePath);
  }
  return { image: base, source: 'host', fromHost: true };
}

/** @param {string} reference @returns {Promise<string | null>} why not */
async function pull(reference) {
  const answer = await runCommand('docker', ['pull', '-q', reference], { timeoutMs: 5 * 60_000 });
  if (answer.code === 0) return null;
  registryIsAway = !/not found|unknown|denied/i.test(answer.stderr);
  return lastWords(answer, 1);
}

/** @param {ImageKind} kind @param {string} image @param {{ image: string, source: string, fromHost: boolean }} base */
function build(kind, image, base) {
  const { title, hostArguments } = imageRecipes[kind];
  const buildArguments = [`BASE_IMAGE=${base.image}`, ...(base.fromHost ? hostArguments : [])];
  const labels = [
    `org.opencontainers.image.title=Warroom ${title}`,
    `warroom.image=${kind}`,
    `warroom.base=${base.source}`,
  ];
  return runCommand(
    'docker',
    [
      'build',
      '--force-rm',
      '--file',
      `${imagesFolder}${kind}/Dockerfile`,
      ...buildArguments.flatMap((argument) => ['--build-arg', argument]),
      ...labels.flatMap((label) => ['--label', label]),
      '--tag',
      image,
      // For a bot that is started without set-up.
      '--tag',
      image.replace(/:.*/, ':current'),
      imagesFolder,
    ],
    // The classic builder is the one that every engine has.
    { timeoutMs: 10 * 60_000, env: { ...process.env, DOCKER_BUILDKIT: '0' } },
  );
}

/** @param {string} reference @returns {Promise<string | undefined>} content digest of a local image */
async function imageId(reference) {
  const answer = await runCommand('docker', ['image', 'inspect', '--format', '{{.Id}}', reference]);
  return answer.code === 0 ? answer.stdout.trim() : undefined;
}
