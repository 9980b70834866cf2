import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { startLeashed } from '../../../demo/monitoring/leashed-process.ts';
import {
  alertmanagerConfig,
  prometheusConfig,
  startMonitoring,
} from '../../../demo/monitoring/monitoring.ts';

const run = promisify(execFile);
const rulesFile = resolve('demo/monitoring/alerts.yml');
const options = {
  dir: '',
  targets: [{ service: 'a', port: 1 }],
  webhookUrl: 'http://127.0.0.1:9/hook',
  webhookToken: 'secret',
};

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'monitoring-'));
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('monitoring', () => {
  it('has configuration that promtool and amtool accept', async () => {
    await copyFile(rulesFile, join(dir, 'alerts.yml'));
    await writeFile(join(dir, 'prometheus.yml'), stringify(prometheusConfig(options.targets, 9093)));
    await writeFile(join(dir, 'alertmanager.yml'), stringify(alertmanagerConfig(options)));

    expect((await run('promtool', ['check', 'rules', rulesFile])).stdout).toMatch('SUCCESS');
    expect((await run('promtool', ['check', 'config', join(dir, 'prometheus.yml')])).stdout).toMatch(
      'SUCCESS',
    );
    expect((await run('amtool', ['check-config', join(dir, 'alertmanager.yml')])).stdout).toMatch('SUCCESS');
  });

  it('has rules for every service alike, each with severity, summary and description', async () => {
    const { groups } = parse(await readFile(rulesFile, 'utf8'));

    for (const rule of groups[0].rules) {
      expect(rule.expr).not.toMatch(/order|user|payment|inventory/);
      expect(rule.labels.severity).toMatch(/^(critical|warning)$/);
      expect(rule.annotations.summary).toContain('$labels.service');
      expect(rule.annotations.description).toContain('$labels.service');
    }
  });

  it('starts a real Prometheus and Alertmanager and ends them', async () => {
    const monitoring = await startMonitoring({ ...options, dir: join(dir, 'run') });
    const rules = await (await fetch(`${monitoring.prometheusUrl}/api/v1/rules`)).json();
    const status = await (await fetch(`${monitoring.alertmanagerUrl}/api/v2/status`)).json();

    await monitoring.stop();

    expect(rules).toMatchObject({ status: 'success', data: { groups: [{ name: 'services' }] } });
    expect(status).toHaveProperty('versionInfo');
    expect(monitoring.pids.filter(isAlive)).toEqual([]);
    await expect(fetch(monitoring.prometheusUrl)).rejects.toThrow();
  }, 30_000);

  it('says that a program is missing', async () => {
    const attempt = startMonitoring({
      ...options,
      dir: join(dir, 'none'),
      prometheusCommand: 'no-such-program',
    });

    await expect(attempt).rejects.toMatchObject({
      code: 'not_ready',
      hint: expect.stringContaining('Prometheus'),
    });
  }, 30_000);
});

describe('a leashed process', () => {
  it('ends with its owner, even when that one is killed', async () => {
    const module = resolve('demo/monitoring/leashed-process.ts');
    const script = `
      const { startLeashed } = await import(${JSON.stringify(module)});
      startLeashed('/bin/sh', ['-c', 'echo $$ > ${dir}/pid; exec sleep 600']);
      setInterval(() => {}, 1000);
      console.log('started');`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(owner.stdout, 'data');
    const pid = await vi.waitFor(async () => {
      const read = Number(await readFile(join(dir, 'pid'), 'utf8'));
      expect(read).toBeGreaterThan(0);
      return read;
    }, 5_000);
    expect(isAlive(pid)).toBe(true);

    owner.kill('SIGKILL');

    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
  }, 20_000);

  it('keeps the last words of a program that ended by itself', async () => {
    const program = startLeashed('/bin/sh', ['-c', 'echo no good >&2; exit 3']);

    await vi.waitFor(() => expect(program.hasExited()).toBe(true), 5_000);
    expect(program.output()).toBe('no good');
  });
});
