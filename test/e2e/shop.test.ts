import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Monitoring, startMonitoring } from '../../demo/monitoring/monitoring.ts';
import { runGit } from '../../demo/shop/git.ts';
import { injectScenario } from '../../demo/shop/inject-scenario.ts';
import { createShopRepositories, SHOP_SERVICES } from '../../demo/shop/repositories.ts';
import { readScenario } from '../../demo/shop/scenario.ts';
import { type Shop, startShop } from '../../demo/shop/shop.ts';

const dir = resolve('.warroom', `test-shop-${process.pid}`);
const repositories = join(dir, 'repositories');
const fixtures = resolve(import.meta.dirname, '../fixtures/scenarios');
const HEALTHY_MS = 15_000;

interface Notice {
  at: number;
  status: 'firing' | 'resolved';
  alert: string;
  service: string;
}

let receiver: Server;
let base: string;
let shop: Shop;
let monitoring: Monitoring;
const notices: Notice[] = [];
const logLines: Record<string, unknown>[] = [];
const tracedServices = new Set<string>();
const tokens = new Set<string | undefined>();

beforeAll(async () => {
  await mkdir(dir, { recursive: true });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      tokens.add(`${request.url} ${request.headers.authorization}`);
      receive(request.url ?? '', Buffer.concat(chunks).toString('utf8'));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  await createShopRepositories(repositories);
  shop = await startShop({
    dir: join(dir, 'services'),
    repositoriesDir: repositories,
    logsUrl: `${base}/logs`,
    tracesUrl: `${base}/v1/traces`,
    telemetryToken: 'telemetry',
  });
  monitoring = await startMonitoring({
    dir: join(dir, 'monitoring'),
    targets: shop.services.map(({ name, port }) => ({ service: name, port })),
    webhookUrl: `${base}/hook`,
    webhookToken: 'hook',
  });
}, 60_000);

afterAll(async () => {
  await monitoring?.stop();
  await shop?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  await rm(dir, { recursive: true, force: true });
});

function receive(path: string, body: string): void {
  if (path === '/logs')
    logLines.push(
      ...body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  if (path === '/v1/traces') {
    for (const { resource } of JSON.parse(body).resourceSpans) {
      for (const { key, value } of resource.attributes)
        if (key === 'service.name') tracedServices.add(value.stringValue);
    }
  }
  if (path !== '/hook') return;
  for (const alert of JSON.parse(body).alerts) {
    notices.push({
      at: Date.now(),
      status: alert.status,
      alert: alert.labels.alertname,
      service: alert.labels.service,
    });
  }
}

async function query(expression: string): Promise<number> {
  const url = `${monitoring.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const answer = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

const ratioOf = (service: string, window: string) =>
  query(
    `sum(rate(http_requests_total{service="${service}",status=~"5.."}[${window}])) / sum(rate(http_requests_total{service="${service}"}[${window}]))`,
  );

async function waitFor(
  status: Notice['status'],
  alert: string,
  service: string,
  since: number,
): Promise<number> {
  const found = await vi.waitFor(
    () => {
      const notice = notices.find(
        (each) =>
          each.at >= since && each.status === status && each.alert === alert && each.service === service,
      );
      if (!notice) throw new Error(`no ${status} ${alert} of ${service} among ${JSON.stringify(notices)}`);
      return notice;
    },
    { timeout: 45_000, interval: 50 },
  );
  return (found.at - since) / 1000;
}

async function allQuiet(): Promise<void> {
  await vi.waitFor(async () => expect(await query('count(ALERTS) or vector(0)')).toBe(0), {
    timeout: 45_000,
    interval: 250,
  });
}

async function revert(service: string, commit: string): Promise<number> {
  const work = join(dir, `revert-${commit.slice(0, 7)}`);
  const env = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  await runGit(['clone', '--quiet', join(repositories, `${service}.git`), work]);
  await runGit(['revert', '--no-edit', commit], { cwd: work, env });
  await runGit(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: work });
  return Date.now();
}

/** Processes of this machine whose command line or working folder is in the test's own folder. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [command, workingFolder] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/cwd`).catch(() => ''),
    ]);
    if (Number(pid) !== process.pid && (command.includes(folder) || workingFolder.startsWith(folder))) {
      found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
    }
  }
  return found;
}

describe('the shop under real monitoring', () => {
  it('is healthy: traffic on all four services, logs and traces arrive, no alert', async () => {
    await pause(HEALTHY_MS);

    for (const service of SHOP_SERVICES) {
      expect(await query(`sum(rate(http_requests_total{service="${service}"}[10s]))`)).toBeGreaterThan(10);
      expect(await ratioOf(service, '10s')).toBeLessThan(0.01);
      expect(logLines.some((line) => line['service'] === service && typeof line['ts'] === 'string')).toBe(
        true,
      );
    }
    expect([...tracedServices].sort()).toEqual([...SHOP_SERVICES].sort());
    expect(logLines.filter((line) => typeof line['trace_id'] === 'string').length).toBeGreaterThan(50);
    expect(tokens).toContain('/logs Bearer telemetry');
    expect(tokens).toContain('/v1/traces Bearer telemetry');
    expect(notices).toEqual([]);
  });

  it('fails about one request in seven of order-service with token-ttl until its commit is reverted', async () => {
    const { commit, at } = await injectScenario(await readScenario('token-ttl'), repositories);
    const toAlertS = await waitFor('firing', 'HighErrorRatio', 'order-service', at.getTime());
    await vi.waitFor(() => expect(shop.deployedCommit('user-service')).not.toBe(commit));
    expect(shop.lastDeploy('user-service')).toBe('reload');
    await pause(15_000);
    const ratio = await ratioOf('order-service', '15s');

    const revertedAt = await revert('user-service', commit ?? '');
    const toResolvedS = await waitFor('resolved', 'HighErrorRatio', 'order-service', revertedAt);
    await allQuiet();

    console.log('token-ttl', { toAlertS, toResolvedS, ratio });
    // Some 160 requests in 15 s: one in seven, give or take three standard errors.
    expect(ratio).toBeGreaterThan(0.06);
    expect(ratio).toBeLessThan(0.22);
    expect(toAlertS).toBeLessThan(20);
    expect(toResolvedS).toBeLessThan(20);
    expect(new Set(notices.map((notice) => `${notice.alert} ${notice.service}`))).toEqual(
      new Set(['HighErrorRatio order-service']),
    );
  });

  it.each([
    ['bundle-reservation', 'HighErrorRatio', 'inventory-service'],
    ['gateway-pool', 'HighLatencyP99', 'payment-service'],
  ])('raises an alert for %s, too', async (name, alert, service) => {
    const { commit, at } = await injectScenario(await readScenario(join(fixtures, name)), repositories);
    const toAlertS = await waitFor('firing', alert, service, at.getTime());

    const revertedAt = await revert(service, commit ?? '');
    const toResolvedS = await waitFor('resolved', alert, service, revertedAt);
    await allQuiet();

    console.log(name, { toAlertS, toResolvedS });
    expect(toAlertS).toBeLessThan(25);
  });

  it('leaves nothing behind when it stops', async () => {
    expect((await processesOf(dir)).length).toBeGreaterThanOrEqual(SHOP_SERVICES.length + 4);

    await monitoring.stop();
    await shop.stop();

    expect(await processesOf(dir)).toEqual([]);
    for (const { url } of shop.services) await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('leaves nothing behind when its owner is killed', async () => {
    const script = `
      const { startShop } = await import(${JSON.stringify(resolve('demo/shop/shop.ts'))});
      const shop = await startShop(${JSON.stringify({
        dir: join(dir, 'killed'),
        repositoriesDir: repositories,
        logsUrl: `${base}/logs`,
        tracesUrl: `${base}/v1/traces`,
        telemetryToken: 'telemetry',
      })});
      console.log(JSON.stringify([shop.loadPid(), ...shop.services.map((service) => service.pid())]));
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = await new Promise<number[]>((told) => {
      owner.stdout.once('data', (chunk: Buffer) => told(JSON.parse(chunk.toString('utf8'))));
    });
    expect(pids).toHaveLength(5);

    owner.kill('SIGKILL');

    await vi.waitFor(() => {
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
    }, 10_000);
  });
});
