import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const houses = path.join(root, 'test/fixtures/boundaries');

type Verdict = { exitCode: number; said: string };

/** Runs the gate of `npm run check` in a small house of its own. */
function judge(house: string): Promise<Verdict> {
  const gate = path.join(root, 'setup/check-boundaries.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [gate], { cwd: path.join(houses, house) }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });
}

async function readRuleNames(): Promise<string[]> {
  const file = pathToFileURL(path.join(root, '.dependency-cruiser.mjs')).href;
  const config = (await import(file)) as { default: { forbidden: { name: string }[] } };
  return [...new Set(config.default.forbidden.map((rule) => rule.name))];
}

const ruleNames = await readRuleNames();

describe('the gate on import boundaries', () => {
  it.each(ruleNames)('fails on a house that breaks %s, and names the rule and the file', async (rule) => {
    const verdict = await judge(rule);

    expect(verdict.exitCode).toBe(1);
    expect(verdict.said).toMatch(new RegExp(`^${rule}: (src|demo)/\\S+\\.ts`, 'm'));
  });

  it('passes a sound house', async () => {
    const verdict = await judge('sound');

    expect(verdict).toMatchObject({ exitCode: 0 });
    expect(verdict.said).toContain('0 violations');
  });

  it('fails when it could read no module, instead of calling that a success', async () => {
    const verdict = await judge('nothing-to-read');

    expect(verdict.exitCode).toBe(2);
  });

  it('has no house without a rule', () => {
    expect(readdirSync(houses).sort()).toEqual([...ruleNames, 'nothing-to-read', 'sound'].sort());
  });
});
