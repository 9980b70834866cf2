import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlantedSandbox, type PlantedSandbox } from '../support/planted-sandbox.ts';

let sandbox: PlantedSandbox;
beforeAll(async () => {
  sandbox = await openPlantedSandbox('go');
});
afterAll(() => sandbox?.close());

describe('the tools of the Go sandbox', () => {
  it('name the line that grew in a leak', async () => {
    const { grew, rssAfter, rssBefore } = await sandbox.tool(
      'leak',
      'heap',
      '--seconds',
      '3',
      '--',
      'go',
      'run',
      '.',
    );

    expect(grew[0]).toMatchObject({ kind: 'site', name: 'main.handle', file: 'main.go', line: 17 });
    expect((grew[0]?.bytesAfter ?? 0) - (grew[0]?.bytesBefore ?? 0)).toBeGreaterThan(200_000);
    expect(rssAfter).toBeGreaterThan(rssBefore);
  });

  it('name the hot line of a loop', async () => {
    const { lines, functions } = await sandbox.tool(
      'hot-loop',
      'cpu',
      '--seconds',
      '8',
      '--',
      'go',
      'test',
      '.',
    );

    expect(functions[0]).toMatchObject({ function: 'planted.findPrice', file: 'prices.go' });
    expect(['for at := range items {', 'if items[at].id == wanted {']).toContain(lines[0]?.text);
    expect(lines[0]?.selfPercent).toBeGreaterThan(50);
  });

  it('name who waits for whom when goroutines have locked each other out', async () => {
    const { threads, cycles, exit } = await sandbox.tool(
      'deadlock',
      'stacks',
      '--after',
      '1',
      '--',
      'go',
      'run',
      '.',
    );

    expect(cycles).toHaveLength(1);
    expect(
      cycles[0]
        ?.replace(/goroutine \d+/g, 'goroutine N')
        .replace(/0x[0-9a-f]+/g, '0xN')
        .split('; ')
        .toSorted(),
    ).toEqual([
      'goroutine N (main.main.func2) waits for lock "target.mu" (0xN), held by goroutine N (main.main.func3) since main.go:15',
      'goroutine N (main.main.func3) waits for lock "target.mu" (0xN), held by goroutine N (main.main.func2) since main.go:15',
    ]);
    expect(threads.find(({ name }) => name === 'main')?.waitsFor).toBe('the wait group both');
    expect(exit).toEqual({ code: null, signal: null });
  });

  it('tell readers that wait for a writer, which waits for a reader', async () => {
    const words = ['--after', '1', '--', 'go', 'run', '.'];
    const { cycles } = await sandbox.tool('reader-deadlock', 'stacks', ...words);

    expect(cycles).toHaveLength(1);
    expect(cycles[0]).toMatch(
      /main waits for lock "prices" \(0x\w+\), held by goroutine \d+ \(main\.main\.func1\), which waits to write/,
    );
    expect(cycles[0]).toMatch(/func1\) waits for lock "prices" \(0x\w+\), held by main since main\.go:11/);
  });

  it('show the wrong value at a breakpoint in a test', async () => {
    const place = ['--break', 'total.go:7', '--when', 'price > 10', '--hits', '1'];
    const asked = [
      '--eval',
      'price - rebate',
      '--eval',
      'missing',
      '--',
      'go',
      'test',
      '-run',
      'Rebate',
      '.',
    ];
    const { hits } = await sandbox.tool('wrong-total', 'debug', ...place, ...asked);

    expect(hits).toHaveLength(1);
    expect(hits[0]?.locals).toMatchObject({ sum: '5', price: '20', rebate: '5' });
    expect(hits[0]?.values['price - rebate']).toBe('15');
    expect(hits[0]?.values['missing']).toContain('throws:');
    expect(hits[0]?.stack.slice(0, 2).map((one) => one.function)).toEqual([
      'planted.total',
      'planted.TestRebateIsTakenOnce',
    ]);
  });

  it('tell which lines tests ran, and how long a command takes', async () => {
    const cover = await sandbox.tool('wrong-total', 'cover', '--file', 'total.go', '--', 'go', 'test', '.');
    const bench = await sandbox.tool('wrong-total', 'bench', '--runs', '3', '--', 'true');

    expect(cover.reports[0]?.text).toMatch(/^mode: set\nplanted\/total\.go:4\.\d+,6\.\d+ 2 1\n/);
    expect(bench.variants[0]?.seconds).toHaveLength(3);
  });

  it('leave nothing in the workspace', async () => {
    const { output } = await sandbox.run('find', '.', '-name', '*warroom*');

    expect(output).toBe('');
  });

  it('say why a program cannot be built', async () => {
    const asked = await sandbox.run('warroom-tool', 'cpu', '--', 'go', 'run', './nowhere');

    expect(asked.exitCode).toBe(1);
    expect(asked.output).toContain('it cannot be built');
  });
});
