import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlantedSandbox, type PlantedSandbox } from '../support/planted-sandbox.ts';

let sandbox: PlantedSandbox;
beforeAll(async () => {
  sandbox = await openPlantedSandbox('python');
});
afterAll(() => sandbox?.close());

const app = ['--', 'python3', 'app.py'];

describe('the tools of the Python sandbox', () => {
  it('name the line that grew, and the type, in a leak', async () => {
    const { grew, rssAfter, rssBefore } = await sandbox.tool('leak', 'heap', '--seconds', '3', ...app);

    expect(grew[0]).toMatchObject({ kind: 'site', file: 'app.py', line: 16 });
    expect((grew[0]?.bytesAfter ?? 0) - (grew[0]?.bytesBefore ?? 0)).toBeGreaterThan(100_000);
    expect(grew.filter((one) => one.kind === 'type').map((one) => one.name)).toContain('__main__.Answer');
    expect(rssAfter).toBeGreaterThan(rssBefore);
  });

  it('name the hot line of a loop', async () => {
    const { lines, functions } = await sandbox.tool('hot-loop', 'cpu', '--seconds', '4', ...app);

    expect(functions[0]).toMatchObject({ function: 'find_price', file: 'app.py' });
    expect(['for item in items:', "if item['id'] == wanted:"]).toContain(lines[0]?.text);
    expect(lines[0]?.selfPercent).toBeGreaterThan(50);
  });

  it('name who waits for whom when threads have locked each other out', async () => {
    const { threads, cycles, exit } = await sandbox.tool('deadlock', 'stacks', '--after', '1', ...app);

    expect(cycles).toEqual([
      'to-checking waits for lock "target.lock", held by to-savings since app.py:14; ' +
        'to-savings waits for lock "target.lock", held by to-checking since app.py:14',
    ]);
    expect(threads.find(({ name }) => name === 'main')?.waitsFor).toBe('the end of to-checking');
    expect(exit).toEqual({ code: null, signal: null });
  });

  it('count the time from the first line of the program, however long its start takes', async () => {
    const late = ['--', 'sh', '-c', 'sleep 2; exec python3 app.py'];
    const { cycles } = await sandbox.tool('deadlock', 'stacks', '--after', '1', ...late);

    expect(cycles).toHaveLength(1);
  });

  it('show no thread of a program that had ended', async () => {
    const over = ['--', 'python3', '-c', 'pass'];
    const { threads, cycles, notes } = await sandbox.tool('deadlock', 'stacks', '--after', '1', ...over);

    expect({ threads, cycles }).toEqual({ threads: [], cycles: [] });
    expect(notes.join(' ')).toContain('ended before');
  });

  it('name who waits for whom when tasks have locked each other out', async () => {
    const { cycles } = await sandbox.tool('async-deadlock', 'stacks', '--after', '1', ...app);

    expect(cycles).toEqual([
      'task release waits for lock "second", held by task reserve; ' +
        'task reserve waits for lock "second", held by task release',
    ]);
  });

  it('show the wrong value at a breakpoint in a test, whatever the test prints', async () => {
    const asked = ['--break', 'app.py:7', '--eval', 'price - rebate', '--eval', 'missing', '--hits', '2'];
    const tests = ['--', 'pytest', '-q', '-s', 'test_app.py'];
    const { hits } = await sandbox.tool('wrong-total', 'debug', ...asked, ...tests);

    expect(hits.map(({ locals }) => locals['sum_of_all'])).toEqual(['0', '5']);
    expect(hits[1]?.values['price - rebate']).toBe('15');
    expect(hits[1]?.values['missing']).toContain('throws: NameError');
    expect(hits[1]?.stack.slice(0, 2).map((one) => one.function)).toEqual([
      'total',
      'test_rebate_is_taken_once',
    ]);
  });

  it('stop in a thread, when a condition holds', async () => {
    const words = ['--break', 'app.py:14', '--when', 'amount == 20', '--hits', '1'];
    const { hits } = await sandbox.tool('deadlock', 'debug', ...words, ...app);

    expect(hits).toHaveLength(1);
    expect(hits[0]).toMatchObject({ thread: 'to-savings', locals: { amount: '20' } });
  });

  it('move a breakpoint from a line without code, and say so', async () => {
    const words = ['--break', 'app.py:13', '--hits', '1'];
    const { hits, notes } = await sandbox.tool('leak', 'debug', ...words, ...app);

    expect(hits[0]?.location).toEqual({ file: 'app.py', line: 14 });
    expect(notes).toContain('Line 13 has no code of its own; the breakpoint is at line 14.');
  });

  it('tell which lines tests ran, and how long a command takes', async () => {
    const cover = await sandbox.tool('wrong-total', 'cover', '--file', 'app.py', '--', 'pytest', '-q');
    const bench = await sandbox.tool('wrong-total', 'bench', '--runs', '3', '--', 'python3', '-c', 'pass');

    expect(JSON.parse(cover.reports[0]?.text ?? '{}')).toMatchObject({
      files: { 'app.py': { executed_lines: [1, 4, 5, 6, 7, 8], missing_lines: [] } },
    });
    expect(bench.variants).toMatchObject([{ name: 'here', failed: 0 }]);
    expect(bench.variants[0]?.seconds).toHaveLength(3);
  });

  it('say what is wrong with a question', async () => {
    const asked = await sandbox.run('warroom-tool', 'debug', '--break', 'nowhere.py:1', '--', 'true');

    expect(asked.exitCode).toBe(1);
    expect(asked.output).toContain('nowhere.py cannot be read as Python');
  });
});
