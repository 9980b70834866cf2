import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const module = path.resolve(import.meta.dirname, '../../../setup/command.mjs');
const program = `
  const { runCommand } = await import(${JSON.stringify(module)});
  console.log((await runCommand('printenv', ['DOCKER_HOST'])).stdout.trim());`;

function hostSeen(host: string | undefined): string {
  const env = { PATH: process.env['PATH'] ?? '', ...(host === undefined ? {} : { DOCKER_HOST: host }) };
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { env })
    .stdout.toString()
    .trim();
}

describe('a program that set-up runs', () => {
  it('finds the first of several Docker engines, which is all that the docker command takes', () => {
    expect(hostSeen('unix:///run/one.sock, tcp://10.0.0.7:2376')).toBe('unix:///run/one.sock');
    expect(hostSeen(',tcp://10.0.0.7:2376')).toBe('tcp://10.0.0.7:2376');
    expect(hostSeen('tcp://10.0.0.7:2376')).toBe('tcp://10.0.0.7:2376');
    expect(hostSeen(undefined)).toBe('');
  });
});
