import path from 'node:path';
import type { Attack } from './attack.ts';
import type { Guard } from './weaken.ts';

function commanded(name: string, guards: readonly Guard[], pattern: RegExp, ...argv: string[]): Attack {
  return {
    name,
    guards,
    async attempt(scene) {
      const result = await scene.run(argv);
      return { succeeded: pattern.test(result.output), saw: result };
    },
  };
}

const makeMany = `const fs = require('fs'); let made = 0; fs.mkdirSync('/work/many');
  try { for (; made < 2500; made += 1) fs.writeFileSync('/work/many/' + made, ''); } catch (e) { console.log(e.code); }
  console.log('made', made); fs.rmSync('/work/many', { recursive: true });`;

/** On the workspace, wherever it lives. */
export const workspaceAttacks: readonly Attack[] = [
  commanded(
    'fills the workspace',
    ['size of the workspace'],
    /filled/,
    '/bin/sh',
    '-c',
    'head -c 20000000 /dev/zero > /work/big && echo filled; rm -f /work/big',
  ),
  commanded('makes files without end', ['number of files'], /made 2500/, 'node', '-e', makeMany),
  commanded(
    'makes a device in the workspace',
    ['nobody is root', 'no capabilities', 'no new privileges'],
    /made/,
    '/bin/sh',
    '-c',
    'mknod /work/disk b 8 0 && echo made; rm -f /work/disk',
  ),
];

/** Only where the host itself walks through what commands left. */
export const linkAttack: Attack = {
  name: 'leads whoever reads the workspace out of it by a link',
  guards: ['links are not followed'],
  async attempt(scene) {
    const { secretFile } = scene.world;
    await scene.run(['ln', '-sfn', secretFile, '/work/link']);
    await scene.run(['ln', '-sfn', path.dirname(secretFile), '/work/folder']);
    const { changes, refused } = await scene.sandbox.changes({ files: 10, bytes: 100_000 }, scene.signal);
    await scene.run(['rm', '-f', '/work/link', '/work/folder']);
    const told = changes.map((one) => `${one.path}: ${one.kind === 'written' ? one.content.toString() : ''}`);
    return { succeeded: told.join().includes('of the host'), saw: { told, refused } };
  },
};
