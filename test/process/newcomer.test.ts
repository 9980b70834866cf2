import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotHouse, type BotRun, createBotHouse } from '../support/bot.ts';
import { until } from '../support/server-process.ts';

/** What a person meets who starts the bot for the first time with something wrong. */
describe('the bot says what to do', () => {
  let house: BotHouse;
  beforeEach(async () => {
    const service = {
      name: 'ledger',
      repository: { url: 'https://code.example/a/ledger.git', slug: 'a/ledger' },
      language: 'node',
      testCommand: ['npm', 'test'],
    };
    house = await createBotHouse([service], {});
  });
  afterEach(() => house.remove());

  const ended = async (run: BotRun): Promise<string> => {
    await until('the process to end', () => !isRunning(run.pid), 60_000);
    return run.output();
  };

  it('when a worker has no shared database', async () => {
    const said = await ended(house.start('worker'));

    expect(said).toContain('Set DATABASE_URL and REDIS_URL');
  });

  it('when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(house.port, '127.0.0.1', resolve));

    const said = await ended(house.start('serve'));
    other.close();

    expect(said).toContain(String(house.port));
    expect(said).toContain('PORT');
  });

  it('when the secret is missing', async () => {
    const said = await ended(house.start('serve', { WARROOM_SECRET: '' }));

    expect(said).toContain('WARROOM_SECRET');
    expect(said).toContain('.env.example');
  });

  it('when the catalogue has an error', async () => {
    await writeFile(join(house.dir, 'warroom.yaml'), 'services:\n  - name: Ledger\n');

    const said = await ended(house.start('serve'));

    expect(said).toContain('warroom.yaml:2');
  });

  it('when there is no catalogue', async () => {
    const said = await ended(house.start('serve', { CATALOGUE_FILE: 'nothing.yaml' }));

    expect(said).toContain('warroom.example.yaml');
  });

  it('when the database cannot be reached', async () => {
    const said = await ended(
      house.start('serve', { DATABASE_URL: 'postgres://user:pass-word@127.0.0.1:1/none' }),
    );

    expect(said).toContain('DATABASE_URL');
    expect(said).not.toContain('pass-word');
  });

  it('when Redis cannot be reached', async () => {
    const said = await ended(house.start('serve', { REDIS_URL: 'redis://127.0.0.1:1' }));

    expect(said).toContain('REDIS_URL');
  });

  it('when a second process opens the embedded database', async () => {
    const first = house.start('serve');
    await first.ready();
    const said = await ended(house.start('serve', { PORT: '0' }));

    expect(said).toContain('DATABASE_URL');
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
