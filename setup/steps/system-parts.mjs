import { existsSync } from 'node:fs';
import { canInstall, installPackages } from '../apt.mjs';
import { findProgram } from '../command.mjs';
import { systemParts } from '../parts.mjs';
import { SetupProblem, say, warn } from '../problem.mjs';

/**
 * Finds the programs that demo and tests drive; as root on Debian or Ubuntu it installs what is missing,
 * elsewhere it prints the one command that would.
 * @param {'all' | 'what-can-be'} want `all` fails on anything missing; `what-can-be` only on what has no substitute
 * @param {boolean} isBench
 */
export async function ensureSystemParts(want, isBench = false) {
  let missing = findMissing(want, isBench);
  if (missing.length === 0) return;

  if (canInstall()) {
    say(`missing: ${missing.map((part) => part.name).join(', ')}`);
    try {
      await installPackages(missing.flatMap((part) => part.debian));
    } catch (problem) {
      const fatal = want === 'all' || findMissing(want, isBench).some((part) => part.without === '');
      if (!(problem instanceof SetupProblem) || fatal) throw problem;
      warn(problem.message, problem.hint);
    }
    missing = findMissing(want, isBench);
  }
  if (missing.length === 0) return;

  const names = missing.map((part) => part.name).join(', ');
  if (want === 'all' || missing.some((part) => part.without === '')) {
    throw new SetupProblem(`Missing on this machine: ${names}.`, `Run: ${installCommand(missing)}`);
  }
  for (const part of missing) warn(`no ${part.name}`, part.without);
  say(`to have everything, run: ${installCommand(missing)}`);
}

/**
 * On a Mac the sandbox image always comes from a registry, so busybox is not asked for there.
 * @param {'all' | 'what-can-be'} want
 * @param {boolean} isBench
 */
function findMissing(want, isBench) {
  return systemParts.filter((part) => {
    if (part.benchOnly === true && !isBench) return false;
    if (part.testsOnly === true && want !== 'all') return false;
    if (part.files !== undefined) return !part.files.some((file) => existsSync(file));
    if (process.platform === 'darwin' && part.name.startsWith('busybox')) return false;
    const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    if (part.name === 'Chromium' && existsSync(macChrome)) return false;
    const some = part.programs.some((program) => findProgram(program) !== undefined);
    return !some || (part.all ?? []).some((program) => findProgram(program) === undefined);
  });
}

/** @param {import('../parts.mjs').SystemPart[]} missing */
function installCommand(missing) {
  if (process.platform === 'darwin') {
    const formulas = missing.map((part) => part.brew).filter((name) => name !== undefined);
    const casks = formulas
      .filter((name) => name.startsWith('--cask'))
      .map((name) => name.slice('--cask '.length));
    const plain = formulas.filter((name) => !name.startsWith('--cask'));
    return [
      plain.length > 0 ? `brew install ${plain.join(' ')}` : '',
      casks.length > 0 ? `brew install --cask ${casks.join(' ')}` : '',
    ]
      .filter(Boolean)
      .join(' && ');
  }
  const packages = missing.flatMap((part) => part.debian).join(' ');
  if (findProgram('apt-get') === undefined) {
    return `your package manager for: ${missing.map((part) => part.name).join(', ')} (on Debian: apt-get install ${packages})`;
  }
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages}`;
}
