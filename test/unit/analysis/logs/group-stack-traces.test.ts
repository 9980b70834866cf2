import { expect, it } from 'vitest';
import { groupStackTraces, joinStackTraces } from '../../../../src/analysis/logs/group-stack-traces.ts';

const java = (message: string, line: number): string =>
  `java.lang.IllegalStateException: ${message}\n\tat com.acme.Pay.charge(Pay.java:${line})\n\tat com.acme.Desk.run(Desk.java:8)`;
const python =
  'Traceback (most recent call last):\n  File "/srv/app/pay.py", line 8, in charge\nValueError: x';

it('groups traces by the frames they went through, whatever message and line', () => {
  const groups = groupStackTraces([java('a', 31), python, java('b', 33), 'no trace at all']);

  expect(groups.map(({ count, example }) => ({ count, example }))).toEqual([
    { count: 2, example: 0 },
    { count: 1, example: 1 },
  ]);
  expect(groups[0]?.title).toBe('java.lang.IllegalStateException: a');
});

it('joins the lines of a trace with the line that announced it, and nothing else', () => {
  const lines = ['GET /pay 500', 'ERROR charge failed', ...java('a', 31).split('\n'), 'GET /pay 200'];

  const joined = [...joinStackTraces(lines)];

  expect(joined).toHaveLength(3);
  expect(joined[1]).toContain('Desk.java:8');
});
