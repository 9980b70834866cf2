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
  ])('refuses %o and names %s', (change, name) => {
    expect(() => readEnvironment({ ...minimal, ...change })).toThrow(name);
  });

  it('takes an empty value for an absent one', () => {
    expect(readEnvironment({ ...minimal, REDIS_URL: '  ' }).REDIS_URL).toBeNull();
  });
});
