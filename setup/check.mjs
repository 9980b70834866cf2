/** npm run check: every gate that needs no running server, side by side; all of them speak before any of them fails. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = path.join(root, 'node_modules', '.bin');

/** @type {readonly { name: string, program: string, args: string[], repair: string }[]} */
const gates = [
  {
    name: 'format and lint',
    program: `${bin}/biome`,
    args: ['check', '--error-on-warnings'],
    repair: 'npx biome check --write',
  },
  { name: 'types', program: `${bin}/tsc`, args: ['-p', 'tsconfig.json'], repair: '' },
  { name: 'types of set-up', program: `${bin}/tsc`, args: ['-p', 'setup/tsconfig.json'], repair: '' },
  { name: 'promises', program: `${bin}/oxlint`, args: ['--type-aware', '--deny-warnings'], repair: '' },
  { name: 'boundaries', program: process.execPath, args: ['setup/check-boundaries.mjs'], repair: '' },
  { name: 'dead code', program: `${bin}/knip`, args: ['--no-progress'], repair: '' },
];

const missing = gates.filter((gate) => !existsSync(gate.program));
for (const gate of missing)
  console.log(`✗ ${gate.name}: ${gate.program} is not there. Run: npm ci --ignore-scripts`);

const waiting = gates.filter((gate) => !missing.includes(gate));
let failed = missing.length;

async function work() {
  for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
    const began = Date.now();
    const result = await runCommand(gate.program, gate.args, { cwd: root, timeoutMs: 5 * 60_000 });
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    if (result.code === 0) {
      console.log(`✓ ${gate.name} (${seconds} s)`);
      continue;
    }
    failed += 1;
    const said = `${result.stdout}${result.stderr}`.trimEnd();
    console.log(`✗ ${gate.name} (${seconds} s)${result.timedOut ? ': no answer in time' : ''}\n${said}`);
    if (gate.repair !== '') console.log(`  → try: ${gate.repair}`);
  }
}

// Two at a time: most of these use a core and a half.
await Promise.all([work(), work()]);
console.log(
  failed === 0 ? `check: all ${gates.length} gates hold` : `check: ${failed} of ${gates.length} gates failed`,
);
process.exitCode = failed === 0 ? 0 : 1;
