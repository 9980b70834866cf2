import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkMachine } from '../../../demo/check-machine.ts';
import { findPostgres } from '../../../demo/database/postgres-programs.ts';

describe('a machine before the demo starts', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'machine-'));
    await place('git', 'git');
    await place('prometheus', 'prometheus');
    await place('debian', 'prometheus-alertmanager');
    await place('elsewhere', 'alertmanager');
    await place('chromium', 'google-chrome');
    await writeFile(join(dir, 'file'), '');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function place(folder: string, program: string): Promise<void> {
    await mkdir(join(dir, folder));
    await writeFile(join(dir, folder, program), '#!/bin/sh\n');
    await chmod(join(dir, folder, program), 0o755);
  }
  const check = (folders: string[], change: Partial<Parameters<typeof checkMachine>[0]> = {}) =>
    checkMachine({
      database: false,
      headless: false,
      searchPath: folders.map((folder) => join(dir, folder)).join(delimiter),
      chromiumPath: undefined,
      workDir: join(dir, 'work'),
      ...change,
    });

  it('has its programs found under every name they go by', () => {
    expect(check(['git', 'prometheus', 'debian'])).toEqual({
      prometheus: join(dir, 'prometheus/prometheus'),
      alertmanager: join(dir, 'debian/prometheus-alertmanager'),
      chromium: null,
      postgres: findPostgres(''),
    });
    expect(check(['git', 'prometheus', 'elsewhere', 'chromium'], { headless: true })).toMatchObject({
      alertmanager: join(dir, 'elsewhere/alertmanager'),
      chromium: join(dir, 'chromium/google-chrome'),
    });
  });

  it.each([
    ['git', ['prometheus', 'debian'], {}, 'missing_program', /apt-get .* git /],
    ['Prometheus', ['git', 'debian'], {}, 'missing_program', /apt-get .* prometheus /],
    ['Alertmanager', ['git', 'prometheus'], {}, 'missing_program', /apt-get .* prometheus-alertmanager /],
    ['Chromium', ['git', 'prometheus', 'debian'], { headless: true }, 'no_chromium', /CHROMIUM_PATH/],
    [
      'Chromium where CHROMIUM_PATH says',
      ['git', 'prometheus', 'debian', 'chromium'],
      { headless: true, chromiumPath: '/nowhere/chrome' },
      'no_chromium',
      /CHROMIUM_PATH/,
    ],
  ])('without %s is told what to type', (_case, folders, change, code, hint) => {
    expect(() => check(folders, change)).toThrow(
      expect.objectContaining({ code, hint: expect.stringMatching(hint) }),
    );
  });

  it('with a folder that cannot be written is told which', () => {
    const workDir = join(dir, 'file', 'work');

    expect(() => check(['git', 'prometheus', 'debian'], { workDir })).toThrow(
      expect.objectContaining({ code: 'not_writable', message: expect.stringContaining(workDir) }),
    );
  });
});
