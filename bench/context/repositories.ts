import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createShopRepositories } from '../../demo/shop/repositories.ts';
import type { Service } from '../../src/domain/service.ts';
import { aService } from './services.ts';

const run = promisify(execFile);
const modules = resolve(import.meta.dirname, '../../node_modules');
const text = /\.([cm]?[jt]s|json|md)$/;

const calls: Readonly<Record<string, readonly string[]>> = {
  'order-service': ['user-service', 'payment-service', 'inventory-service'],
};

export async function shopServices(folder: string): Promise<Service[]> {
  const repositories = await createShopRepositories(join(folder, 'shop'));
  return repositories.map(({ service, path }) => aService(service, path, calls[service] ?? []));
}

/** Real sources of installed packages, thousands of files, with their own documents; and three neighbours of it. */
export async function largeServices(folder: string, short: boolean): Promise<Service[]> {
  const packages: Readonly<Record<string, readonly string[]>> = {
    large: short
      ? ['zod', 'yaml']
      : ['@kubernetes', '@anthropic-ai', 'zod', '@grpc', 'bullmq', '@slack', 'yaml', 'pino'],
    kysely: ['kysely'],
    telemetry: ['@opentelemetry'],
    gates: ['knip', 'dependency-cruiser'],
  };
  const services: Service[] = [];
  for (const [name, from] of Object.entries(packages)) {
    const path = join(folder, name);
    for (const one of from) await copySources(join(modules, one), join(path, one));
    if (name === 'large') await cp(join(modules, '../docs'), join(path, 'docs'), { recursive: true });
    await git(path, ['init', '-q', '-b', 'main']);
    await git(path, ['add', '-A', '-f']);
    await git(path, ['commit', '-q', '-m', 'As published']);
    services.push(aService(name, path, name === 'large' ? ['kysely', 'telemetry', 'gates'] : []));
  }
  return services;
}

async function copySources(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    // A folder of libraries inside would be left out, and is no source of this one.
    if (entry.isDirectory() && entry.name !== 'node_modules') await copySources(source, target);
    else if (entry.isFile() && text.test(entry.name)) await cp(source, target);
  }
}

async function git(cwd: string, args: readonly string[]): Promise<void> {
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com'];
  await run('git', [...who, ...args], { cwd, maxBuffer: 64e6 });
}
