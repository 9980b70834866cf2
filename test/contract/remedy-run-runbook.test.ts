import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { createContainerCommands } from '../../src/adapters/docker/container-command.ts';
import { createDockerWorkloads } from '../../src/adapters/docker/workloads.ts';
import { createLocalCommands } from '../../src/adapters/local-command/local-commands.ts';
import type { Runbook, Service } from '../../src/domain/service.ts';
import type { Applied, Remedy } from '../../src/ports/remedy.ts';
import { createRunRunbook } from '../../src/remedies/run-runbook/run-runbook.ts';
import type { Tools } from '../../src/remedies/tools.ts';
import { aService } from '../support/builders.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

const secret = 'hunter2-in-the-environment';
const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-runbook-'));
const tool = path.join(folder, 'tool.mjs');
const state = path.join(folder, 'state.json');
const readState = (): { level: string; runs: number } => JSON.parse(readFileSync(state, 'utf8'));

/** What operators have: sets a level, counts how often, tells what it was given, and can misbehave. */
const toolText = `
import { readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
const [what, ...words] = process.argv.slice(2);
const state = JSON.parse(readFileSync(${JSON.stringify(state)}, 'utf8'));
if (what === 'set') { state.level = words[0]; state.runs += 1; }
if (what === 'unset') state.level = 'normal';
writeFileSync(${JSON.stringify(state)}, JSON.stringify(state));
if (what === 'tell') console.log(JSON.stringify({ words, cwd: process.cwd(), env: process.env }));
if (what === 'fail') { console.log('one\\npassword=hunter2 at postgres://app:hunter2@db/x'); console.error('Cannot: ' + words); process.exit(3); }
if (what === 'hang') { spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', 'child-of-' + words[0]], { stdio: 'inherit' }); setInterval(() => {}, 1e6); }
if (what === 'flood') for (let i = 0; i < 60000; i += 1) console.log('line ' + i + ' ' + 'x'.repeat(50));
`;

const level: Runbook = {
  name: 'set-level',
  description: 'Sets how much is logged',
  argv: [process.execPath, tool, 'set', '{level}'],
  parameters: { level: { type: 'choice', values: ['debug', 'quiet'] } },
  where: 'local',
  timeoutSeconds: 20,
  inverse: [process.execPath, tool, 'unset'],
  risk: 'low',
};
const runbook = (what: string, change: Partial<Runbook> = {}): Runbook => ({
  ...level,
  name: what,
  argv: [process.execPath, tool, what],
  parameters: {},
  inverse: null,
  ...change,
});
const serviceWith = (...runbooks: Runbook[]): Service => aService({ name: 'orders', runbooks });

let remedy: Remedy;

beforeAll(() => {
  process.env['WARROOM_TEST_SECRET'] = secret;
  writeFileSync(tool, toolText);
});
beforeEach(() => {
  writeFileSync(state, JSON.stringify({ level: 'normal', runs: 0 }));
  remedy = createRunRunbook({ commands: createLocalCommands() } as Tools);
});
afterAll(() => {
  delete process.env['WARROOM_TEST_SECRET'];
  rmSync(folder, { recursive: true, force: true });
});

describeRemedy('run-runbook beside Warroom', async () => {
  const runbooks = [level];
  return {
    remedy,
    service: { ...serviceWith(), runbooks },
    params: { runbook: 'set-level', arguments: { level: 'debug' } },
    look: async () => readState().level,
    effects: async () => readState().runs,
    async moveWorld() {
      runbooks[0] = { ...level, argv: [...level.argv, '--more'] };
    },
    loseReply: null,
    secrets: [secret],
    nonsense: [
      {},
      { level: 'loud' },
      { level: '' },
      { level: 7 },
      { level: 'debug', more: 'x' },
      { level: '--help' },
      { __proto__: null },
      [],
      'debug',
    ].map((given) => ({ runbook: 'set-level', arguments: given })),
    async close() {},
  };
});

describe('running a runbook', () => {
  const signal = AbortSignal.timeout(55_000);
  let number = 0;

  beforeEach(() => {
    number += 1;
  });
  const context = (what: 'apply' | 'undo' = 'apply', again = false) =>
    remedyContext(`own-${number}`, what, again);

  async function plan(service: Service, name: string, values: Record<string, string | number> = {}) {
    const seen = await remedy.preview(service, { runbook: name, arguments: values }, signal);
    if (!seen.possible) throw new Error(seen.reason);
    return seen;
  }
  async function run(one: Runbook, values: Record<string, string | number> = {}): Promise<Applied> {
    const { planned } = await plan(serviceWith(one), one.name, values);
    return remedy.apply(serviceWith(one), planned, context(), signal);
  }
  const failure = (running: Promise<unknown>): Promise<unknown> => running.catch((error: unknown) => error);

  it('shows the exact arguments, where they run, and what its inverse is', async () => {
    const { planned, facts } = await plan(serviceWith(level), 'set-level', { level: 'quiet' });

    expect(planned.preview.diff).toBe(
      `# beside Warroom\n${JSON.stringify([process.execPath, tool, 'set', 'quiet'])}`,
    );
    expect(planned.preview.undo).toBe(
      `Run its inverse: ${JSON.stringify([process.execPath, tool, 'unset'])}`,
    );
    expect(facts).toMatchObject({ base: 'low', reversible: 'exact' });
  });

  it('gives a value as one argument, whatever is in it, and neither a shell nor our environment', async () => {
    const tell = runbook('tell', {
      argv: [process.execPath, tool, 'tell', '{note}', 'a={note}b', '{count}'],
      parameters: {
        note: { type: 'text', pattern: '[a-z \\$(){};&|]{1,40}', maxLength: 40 },
        count: { type: 'integer', min: 1, max: 9 },
      },
    });

    const applied = await run(tell, { note: 'two $(id); {count}', count: '7' });

    if (!applied.applied) throw new Error(applied.reason);
    const { summary } = applied.receipt;
    expect(summary).toContain('"words":["two $(id); {count}","a=two $(id); {count}b","7"],"cwd":"/"');
    expect(summary).toMatch(/"env":\{"PATH":"[^"]+"\}/);
    expect(summary).not.toContain(secret);
  });

  it('says exit code and last words of one that fails, without what looks like a credential', async () => {
    const error = await failure(run(runbook('fail')));

    expect(error).toMatchObject({ code: 'runbook_failed', retryable: false });
    expect(String(error)).toMatch(/exit code 3.*Cannot:/);
    expect(String(error)).not.toContain('hunter2');
  });

  it('ends one that takes too long', async () => {
    const hang = runbook('hang', { timeoutSeconds: 0.3 });

    const error = await failure(run(hang));

    expect(error).toMatchObject({
      code: 'runbook_failed',
      message: expect.stringContaining('was stopped after 0.3 s'),
    });
    expect(commandLines().filter((line) => line.includes(`${tool} hang`))).toEqual([]);
  });

  it('ends one that is called off, with all it started, and does not know what it did', async () => {
    const hang = serviceWith(runbook('hang', { argv: [process.execPath, tool, 'hang', folder] }));
    const { planned } = await plan(hang, 'hang');
    const calledOff = new AbortController();
    const running = failure(remedy.apply(hang, planned, context(), calledOff.signal));
    const left = () =>
      commandLines().filter((line) => /tool\.mjs hang|child-of-/.test(line) && line.includes(folder));
    await expect.poll(left).toHaveLength(2);

    calledOff.abort(new Error('called off'));

    expect(await running).toMatchObject({ code: 'runbook_outcome_unknown' });
    await expect.poll(left).toEqual([]);
  });

  it('keeps the last lines of one that prints without end', async () => {
    const applied = await run(runbook('flood'));

    if (!applied.applied) throw new Error(applied.reason);
    expect(applied.receipt.summary).toContain('line 59999');
    expect(applied.receipt.summary.length).toBeLessThan(2_000);
  });

  it('is never run again by a process that did not see how it ended', async () => {
    const { planned } = await plan(serviceWith(level), 'set-level', { level: 'debug' });
    await remedy.apply(serviceWith(level), planned, context(), signal);
    const restarted = createRunRunbook({ commands: createLocalCommands() } as Tools);

    const error = await failure(restarted.apply(serviceWith(level), planned, context('apply', true), signal));

    expect(error).toMatchObject({ code: 'runbook_outcome_unknown', retryable: false });
    expect(readState().runs).toBe(1);
  });

  it('changes nothing where its program is missing, and cannot be undone without an inverse', async () => {
    const missing = runbook('missing', { argv: ['no-such-program-here'] });
    const oneWay = runbook('tell');

    const applied = await run(missing);
    const { planned, facts } = await plan(serviceWith(oneWay), 'tell');
    const inverse = await remedy.inverse(serviceWith(oneWay), planned, signal);
    const receipt = { summary: '', url: null, data: {} };
    const undone = await remedy.undo(serviceWith(oneWay), inverse, receipt, context('undo'), signal);

    expect(applied).toMatchObject({ applied: false, reason: expect.stringContaining('no program') });
    expect(facts.reversible).toBe('none');
    expect(undone).toMatchObject({ applied: false, reason: expect.stringContaining('by hand') });
  });
});

describe('running a runbook inside a container', () => {
  const signal = AbortSignal.timeout(110_000);
  const docker = new Docker();
  let container: Docker.Container;

  beforeAll(async () => {
    container = await docker.createContainer({
      Image: process.env['SANDBOX_IMAGE'] || sandboxImage,
      Cmd: ['node', '-e', 'setInterval(() => {}, 1e6)'],
      HostConfig: { NetworkMode: 'none' },
      Env: ['INSIDE=yes'],
    });
    await container.start();
  });
  afterAll(() => container?.remove({ force: true, v: true }));

  async function run(change: Partial<Runbook>): Promise<Applied> {
    const where = { container: container.id };
    const service = serviceWith({ ...level, inverse: null, where, ...change });
    const inside = createRunRunbook({
      commands: createContainerCommands(),
      workloads: createDockerWorkloads(),
    } as Tools);
    const params = { runbook: 'set-level', arguments: { level: 'debug' } };
    const seen = await inside.preview(service, params, signal);
    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.planned.preview.diff).toContain(`# inside container ${where.container}`);
    return inside.apply(service, seen.planned, remedyContext('inside', 'apply'), signal);
  }

  it('runs there, as arguments', async () => {
    const applied = await run({
      argv: ['node', '-p', '[process.env.INSIDE, ...process.argv.slice(1)].join()', '{level} $(id)'],
    });

    expect(applied).toMatchObject({
      applied: true,
      receipt: { summary: expect.stringContaining('yes,debug $(id)') },
    });
  });

  it('says how it failed, that a program is missing, and that one may go on after its time', async () => {
    const failed = await run({ argv: ['node', '-e', 'process.exit(4)'] }).catch((error: unknown) => error);
    const missing = await run({ argv: ['no-such-program'] }).catch((error: unknown) => error);
    const slow = await run({ argv: ['sleep', '5'], timeoutSeconds: 0.5 }).catch((error: unknown) => error);

    expect(failed).toMatchObject({ code: 'runbook_failed', message: expect.stringContaining('exit code 4') });
    expect(String(missing)).toMatch(/no-such-program|126|127/);
    expect(slow).toMatchObject({
      code: 'runbook_outcome_unknown',
      message: expect.stringContaining('may still run in container'),
    });
  });

  it('offers nothing where there is no such container', async () => {
    await expect(run({ where: { container: 'no-such-one' } })).rejects.toThrow('no container no-such-one');
  });
});

/** Of all processes of this machine. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
}
