import { describe, expect, it } from 'vitest';
import { compareTemplates } from '../../../../src/analysis/logs/compare-templates.ts';
import { learnLevel } from '../../../../src/analysis/logs/learn-level.ts';
import { extractStackFrames } from '../../../../src/analysis/logs/stack-frames.ts';
import { TemplateMiner } from '../../../../src/analysis/logs/template-miner.ts';

describe('template mining', () => {
  it('puts lines that differ only in values into one template', () => {
    const miner = new TemplateMiner();

    const ids = ['user 17 sent 3 kB to 10.0.0.1:80', 'user 9 sent 44 kB to 10.2.0.7:443', 'user 9 left'].map(
      (line) => miner.add(line),
    );

    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(miner.templates()[0]).toMatchObject({ text: 'user <*> sent <*> kB to <*>', count: 2 });
  });

  it('keeps a bounded number of templates on an endless stream of different lines', () => {
    const miner = new TemplateMiner(100);

    for (let n = 0; n < 5_000; n += 1)
      miner.add(
        `${'abcdefghij'[n % 10]}${'klmnopqrst'[Math.floor(n / 10) % 10]}${'uvwxyz'[n % 6]}${n.toString(26).replace(/\d/g, 'q')} word`,
      );

    expect(miner.templates().length).toBeLessThan(600);
  });
});

describe('templates against a baseline', () => {
  const line = (text: string, severe = false) => ({ text, severe });

  it('ranks a new error before a burst of ordinary lines, and tells steady lines apart', () => {
    const baseline = Array.from({ length: 60 }, (_, n) => line(`served page ${n}`));
    const incident = [
      ...Array.from({ length: 20 }, (_, n) => line(`served page ${n}`)),
      ...Array.from({ length: 9 }, (_, n) => line(`cannot read ledger ${n}`, true)),
    ];

    const compared = compareTemplates(baseline, incident, 60, 20);

    expect(compared[0]).toMatchObject({
      text: 'cannot read ledger <*>',
      change: 'new',
      count: 9,
      baseline: 0,
    });
    expect(compared.find((one) => one.text.startsWith('served'))?.change).toBe('steady');
  });

  it('sees what went silent', () => {
    const baseline = Array.from({ length: 100 }, () => line('heartbeat'));

    const compared = compareTemplates(baseline, [line('other')], 100, 60);

    expect(compared.find((one) => one.text === 'heartbeat')?.change).toBe('vanished');
  });
});

describe('stack frames', () => {
  it.each([
    [
      'JavaScript',
      'Error: x\n    at async pay (file:///srv/src/pay.js:12:5)\n    at run (/srv/node_modules/q/index.js:1:1)',
      { file: '/srv/src/pay.js', function: 'pay', line: 12 },
    ],
    [
      'Python',
      'Traceback (most recent call last):\n  File "/srv/app/main.py", line 3, in main\n  File "/srv/app/pay.py", line 8, in charge\nValueError: x',
      { file: '/srv/app/pay.py', function: 'charge', line: 8 },
    ],
    [
      'Java',
      'java.lang.IllegalStateException: x\n\tat com.acme.Pay.charge(Pay.java:31)\n\tat java.lang.Thread.run(Thread.java:1)',
      { file: 'Pay.java', function: 'charge', line: 31 },
    ],
    [
      'Go',
      'goroutine 1 [running]:\nmain.charge(0x1)\n\t/srv/pay.go:44 +0x1d',
      { file: '/srv/pay.go', function: null, line: 44 },
    ],
  ])('finds the innermost own frame of a %s trace', (_language, trace, frame) => {
    expect(extractStackFrames(trace)[0]).toEqual(frame);
  });
});

it('learns severity from words where a line states none', () => {
  expect(learnLevel('connection refused by peer')).toBe('error');
  expect(learnLevel('retrying in 2 s')).toBe('warn');
  expect(learnLevel('listening on 8080')).toBe('info');
});
