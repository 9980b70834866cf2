import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../demo/settings.ts';

describe('what reaches the demo’s bot from outside', () => {
  let dir: string;
  let dotEnv: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'settings-'));
    dotEnv = join(dir, '.env');
    await writeFile(
      dotEnv,
      'SLACK_BOT_TOKEN=xoxb-real\nDATABASE_URL=postgres://real\nGITHUB_TOKEN=real\nDOCKER_HOST=tcp://real\n' +
        'ANTHROPIC_API_KEY="from file"\nCLAUDE_MODEL=\nANTHROPIC_BASE_URL=https://claude.example\n',
    );
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('is how to call Claude, and nothing else of .env', () => {
    expect(readSettings({}, dotEnv)).toEqual({
      anthropic: { ANTHROPIC_API_KEY: 'from file', ANTHROPIC_BASE_URL: 'https://claude.example' },
      docker: {},
    });
  });

  it('is the environment before .env, and where Docker is', () => {
    const environment = {
      ANTHROPIC_API_KEY: 'from environment',
      SLACK_BOT_TOKEN: 'xoxb-real',
      DOCKER_HOST: 'unix:///run/other.sock',
      SANDBOX_IMAGE: 'mine',
      CLAUDE_MODEL: ' ',
    };

    expect(readSettings(environment, dotEnv)).toEqual({
      anthropic: { ANTHROPIC_API_KEY: 'from environment', ANTHROPIC_BASE_URL: 'https://claude.example' },
      docker: { SANDBOX_IMAGE: 'mine', DOCKER_HOST: 'unix:///run/other.sock' },
    });
  });

  it('does not need a .env', () => {
    expect(readSettings({}, join(dir, 'none')).anthropic).toEqual({});
  });
});
