import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigInvalid, environmentSchema, readEnvironment } from '../../../src/config/environment.ts';

const minimal = { WARROOM_SECRET: 'x'.repeat(32), ALERTMANAGER_WEBHOOK_TOKEN: 'hook' };

describe('the environment', () => {
  it('is described by .env.example, name for name', async () => {
    const example = await readFile(new URL('../../../.env.example', import.meta.url), 'utf8');

    const named = [...example.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1] ?? '').sort();

    expect(named).toEqual(Object.keys(environmentSchema.shape).sort());
  });

  it('has the defaults that .env.example shows', async () => {
    const example = await readFile(new URL('../../../.env.example', import.meta.url), 'utf8');
    const shown = Object.fromEntries(
      [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((match) => [match[1], match[2]]),
    );

    const fromExample = readEnvironment({ ...shown, ...minimal });

    expect(fromExample).toEqual(readEnvironment(minimal));
  });

  it('reports every problem at once, with what to do', () => {
    const read = () => readEnvironment({ PORT: 'high', WARROOM_SECRET: 'short', SLACK_BOT_TOKEN: 'xoxb-1' });

    expect(read).toThrow(ConfigInvalid);
    expect(read).toThrow(/PORT/);
    expect(read).toThrow(/WARROOM_SECRET/);
  });

  it.each([
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, 'SLACK_SIGNING_SECRET'],
    [{ SLACK_SIGNING_SECRET: 's' }, 'SLACK_BOT_TOKEN'],
    [{ INVESTIGATOR: 'claude' }, 'ANTHROPIC_API_KEY'],
    [{ GITHUB_APP_ID: '1' }, 'GITHUB_APP_ID'],
    [{ ALERTMANAGER_WEBHOOK_TOKEN: '' }, 'ALERTMANAGER_WEBHOOK_TOKEN'],
    [{ DATABASE_URL: 'mysql://nope' }, 'DATABASE_URL'],
    [{ DOCKER_HOST: 'ssh://ops@10.0.0.7' }, 'by ssh'],
    [{ DOCKER_HOST: 'unix:///run/docker.sock,http//x' }, 'DOCKER_HOST'],
  ])('refuses %o and names %s', (change, name) => {
    expect(() => readEnvironment({ ...minimal, ...change })).toThrow(name);
  });

  it('takes an empty value for an absent one', () => {
    expect(readEnvironment({ ...minimal, REDIS_URL: '  ' }).REDIS_URL).toBeNull();
  });

  it('reads a list of Docker engines, each once', () => {
    const { DOCKER_HOST } = readEnvironment({
      ...minimal,
      DOCKER_HOST: 'unix:///run/a.sock, tcp://10.0.0.7:2376,tcp://[::1],unix:///run/a.sock,10.0.0.8:2375',
    });

    expect(DOCKER_HOST).toEqual([
      { kind: 'unix', name: 'unix:///run/a.sock', path: '/run/a.sock' },
      { kind: 'tcp', name: 'tcp://10.0.0.7:2376', host: '10.0.0.7', port: 2376 },
      { kind: 'tcp', name: 'tcp://[::1]', host: '::1', port: null },
      { kind: 'tcp', name: '10.0.0.8:2375', host: '10.0.0.8', port: 2375 },
    ]);
  });
});
