import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerJson } from '../../demo/local-github/router.ts';
import type { Service } from '../../src/domain/service.ts';
import { createConfigRollback } from '../../src/remedies/config-rollback/config-rollback.ts';
import { type GitHouse, openGitHouse } from './git-remedy-house.ts';
import { type ScratchCommit, scratchService } from './github-scratch.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

const file = 'config/prod.json';
const config = (settings: object): string => `${JSON.stringify(settings, null, 2)}\n`;

const story: ScratchCommit[] = [
  { message: 'Start', files: { [file]: config({ pool: { max: 5 } }), 'src/a.js': 'a\n' } },
  { message: 'More connections', files: { [file]: config({ pool: { max: 100 }, retries: 3 }) } },
  { message: 'Tidy up', files: { 'src/a.js': 'b\n' } },
  {
    message: 'Tune the pool',
    files: {
      [file]: config({ pool: { max: 2 }, retries: 3, apiToken: 'topsecretvalue' }),
      'src/b.js': 'b\n',
    },
    author: 'Mallory <mallory@example.com>',
  },
  { message: 'Tidy up more', files: { 'src/a.js': 'c\n' } },
];

describe('the config-rollback remedy', () => {
  let house: GitHouse;
  let signal: AbortSignal;

  beforeAll(async () => {
    house = await openGitHouse('app');
  });
  beforeEach(() => {
    signal = AbortSignal.timeout(55_000);
  });
  afterEach(() => house.scratch.github.faults.clear());
  afterAll(() => house.scratch.remove());

  const configured = (service: Service, ...configuration: string[]): Service => ({
    ...service,
    configuration: [file, ...configuration],
  });

  describeRemedy('config-rollback', () =>
    house.makeScene(story, (service, [start = '']) => ({
      remedy: createConfigRollback(house),
      service: configured(service),
      params: { path: file, to: 'previous' },
      nonsense: [
        { path: 'src/a.js', to: 'previous' },
        { path: `./${file}`, to: 'previous' },
        { path: file },
        { path: file, to: 'HEAD~1' },
        { path: file, to: '--help' },
        { path: file, to: 'f'.repeat(40) },
        { path: file, to: `${start}^` },
      ],
    })),
  );

  async function makeCase(name: string, commits = story, ...more: string[]) {
    const shas = await house.scratch.makeRepository(name, commits);
    const service = configured(scratchService(house.scratch, name), ...more);
    const remedy = createConfigRollback(house);
    const preview = (to = 'previous', path = file) => remedy.preview(service, { path, to }, signal);
    return { shas, service, remedy, preview };
  }

  it('tells setting by setting what goes back, and shows no secret', async () => {
    const { shas, preview } = await makeCase('tells');

    const seen = await preview();

    if (!seen.possible) throw new Error(seen.reason);
    const { summary, diff, notes } = seen.planned.preview;
    expect(summary).toBe(
      `Put ${file} on acme/tells main back to how it was at ${shas[1]?.slice(0, 7)} “More connections”.`,
    );
    expect(notes).toEqual([
      'pool.max: 2 → 100',
      'apiToken: [masked] → not set',
      'Values that look like secrets are masked here; the file itself goes back whole.',
      `It undoes 1 change of the file: ${shas[3]?.slice(0, 7)} “Tune the pool” by Mallory.`,
      'The same commits touched other files, which stay as they are: src/b.js.',
    ]);
    expect(diff).toContain('-    "max": 2\n+    "max": 100');
    expect(diff).toContain('-  "apiToken": [masked]');
    expect(JSON.stringify(seen)).not.toContain('topsecretvalue');
    expect(seen.planned.params).toEqual({ path: file, to: shas[1] });
    expect(seen.facts).toMatchObject({ base: 'high', reversible: 'exact' });
    expect(seen.facts.reasons).toContain('it changes 1 secret');
  });

  it('goes back to any earlier version that is named, and counts what it undoes', async () => {
    const { shas, preview } = await makeCase('named');

    const first = await preview(shas[0]);
    const between = await preview(shas[2]?.slice(0, 10));

    if (!first.possible || !between.possible) throw new Error('not possible');
    expect(first.planned.preview.notes).toContain('pool.max: 2 → 5');
    expect(first.facts.reasons).toContain('it undoes 2 changes of the file together');
    expect(between.planned.preview.notes).toContain('pool.max: 2 → 100');
  });

  it('says why there is nothing to go back to', async () => {
    const branch = await makeCase('nothing', story, 'config/new.yaml', 'config/none.yaml');
    const { shas, preview } = branch;
    await house.scratch.pushCommits('nothing', [{ message: 'New', files: { 'config/new.yaml': 'a: 1\n' } }]);
    const reason = async (...wanted: Parameters<typeof preview>) => {
      const seen = await preview(...wanted);
      return seen.possible ? 'possible' : seen.reason;
    };

    expect(await reason(shas[4])).toContain('has not changed since');
    expect(await reason('previous', 'config/new.yaml')).toContain('has no earlier version');
    expect(await reason('previous', 'config/none.yaml')).toContain('there is no config/none.yaml');
    expect(await reason(shas[0], 'config/new.yaml')).toContain('there is no file config/new.yaml at');
    expect(await reason('previous', 'src/a.js')).toContain('not among the configuration');
  });

  it('puts nothing back that a service could not read', async () => {
    const broken: ScratchCommit[] = [
      { message: 'Broken', files: { [file]: '{ "pool": }\n', 'config/app.yaml': 'a: [1\n' } },
      { message: 'Mended', files: { [file]: '{ "pool": 1 }\n', 'config/app.yaml': 'a: [1]\n' } },
    ];
    const { preview } = await makeCase('broken', broken, 'config/app.yaml');

    for (const path of [file, 'config/app.yaml']) {
      const seen = await preview('previous', path);
      expect(seen.possible ? 'possible' : seen.reason).toContain('cannot be read by its format');
    }
  });

  it('puts a broken file back to one that can be read', async () => {
    const { preview } = await makeCase('mends', [
      { message: 'Start', files: { [file]: '{ "pool": 1 }\n' } },
      { message: 'Oops', files: { [file]: '{ "pool": 1, "apiKey": "leakedsecret"\n' } },
    ]);

    const seen = await preview();

    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.planned.preview.notes.join(' ')).toContain('As it is now, the file cannot be read');
    expect(JSON.stringify(seen)).not.toContain('leakedsecret');
  });

  it('leaves the file to a person when others changed the same lines since', async () => {
    const { service, remedy, preview } = await makeCase('overlap');
    const seen = await preview();
    if (!seen.possible) throw new Error(seen.reason);
    const inverse = await remedy.inverse(service, seen.planned, signal);
    const applied = await remedy.apply(service, seen.planned, remedyContext('overlap', 'apply'), signal);
    if (!applied.applied) throw new Error(applied.reason);
    expect(await house.scratch.fileOnMain('overlap', file)).toBe(
      config({ pool: { max: 100 }, retries: 3 }).trim(),
    );
    const theirs = config({ pool: { max: 50 }, retries: 3 });
    await house.scratch.pushCommits('overlap', [{ message: 'Mine', files: { [file]: theirs } }]);

    const check = await remedy.verify(service, seen.planned, applied.receipt, signal);
    const context = remedyContext('overlap', 'undo');
    const undone = await remedy.undo(service, inverse, applied.receipt, context, signal);

    expect(check).toMatchObject({ state: 'holds', text: expect.stringContaining('changed the same lines') });
    expect(undone.applied ? '' : undone.reason).toContain(`later changes overlap in ${file}`);
    expect(await house.scratch.fileOnMain('overlap', file)).toBe(theirs.trim());
  });

  it('keeps its token out of what it says when GitHub or git fails', async () => {
    const { service, remedy, preview } = await makeCase('fails');
    const seen = await preview();
    if (!seen.possible) throw new Error(seen.reason);
    const { faults } = house.scratch.github;
    const down = answerJson(503, { message: 'down' });
    const refused = answerJson(403, { message: 'Resource not accessible by integration' });
    const apply = () =>
      remedy
        .apply(service, seen.planned, remedyContext('fails', 'apply'), signal)
        .catch((error: unknown) => error);

    faults.add({ method: 'POST', path: /pulls$/, happens: refused });
    const said = [await apply()];
    faults.add({ method: 'GET', path: /git-upload-pack|info\/refs/, happens: down, times: 9 });
    said.push(await apply());
    faults.clear();
    faults.add({ method: 'POST', path: /pulls$/, happens: down, times: 9 });
    said.push(await apply());

    expect(said).toMatchObject([
      { code: 'access_refused' },
      { code: 'source_unreachable' },
      { code: 'source_unreachable', retryable: true },
    ]);
    expect(inspect(said, { depth: Infinity, showHidden: true })).not.toMatch(/ghs_|eyJ|PRIVATE KEY/);
  });

  it('sees when its change is gone again, and when the history was rewritten', async () => {
    const { shas, service, remedy, preview } = await makeCase('gone');
    const seen = await preview();
    if (!seen.possible) throw new Error(seen.reason);
    const applied = await remedy.apply(service, seen.planned, remedyContext('gone', 'apply'), signal);
    if (!applied.applied) throw new Error(applied.reason);
    const check = () => remedy.verify(service, seen.planned, applied.receipt, signal);
    const elsewhere = {
      ...service,
      repository: { ...service.repository, url: 'http://127.0.0.1:9/acme/gone.git' },
    };
    const unreachable = await remedy.verify(elsewhere, seen.planned, applied.receipt, signal);
    const faulty = story[3]?.files[file] ?? '';
    await house.scratch.pushCommits('gone', [{ message: 'Again', files: { [file]: faulty } }]);
    const undone = await check();
    const bare = `${house.scratch.repositoriesDir}/gone.git`;
    await house.scratch.git(bare, 'update-ref', 'refs/heads/main', shas[4] ?? '');
    await house.scratch.github.sync('gone');
    const rewritten = await check();

    expect(unreachable.state).toBe('unknown');
    expect(undone).toMatchObject({ state: 'broken', text: expect.stringContaining('undone again') });
    expect(rewritten).toMatchObject({ state: 'broken', text: expect.stringContaining('no longer has') });
  });
});
