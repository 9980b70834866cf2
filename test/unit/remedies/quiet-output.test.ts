import { describe, expect, it } from 'vitest';
import { quietOutput } from '../../../src/remedies/run-runbook/quiet-output.ts';

describe('the output of a command as it is shown', () => {
  it.each([
    'password=hunter2hunter2',
    'DB_PASSWORD: "hunter2hunter2"',
    'Authorization: Bearer hunter2hunter2',
    'connecting to postgres://app:hunter2hunter2@db:5432/x',
    'token ghs_hunter2hunter2hunter2',
    'xoxb-hunter2hunter2-1',
    'id eyJhbGciOiJIUzI1NiJ9.hunter2hunter2.hunter2hunter2',
    'key hunter2hunter2hunter2hunter2hunter2hunter2',
    '-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\nhunter2hunter2',
  ])('does not show what looks like a credential: %s', (line) => {
    const shown = quietOutput(`before\n${line}\nafter`);

    expect(shown).not.toContain('hunter2hunter2');
    expect(shown).toContain('before');
  });

  it('does not take long over text that is made to be slow', () => {
    const before = performance.now();

    for (const part of ['a-', 'a.', 'a/', 'eyJaaaaaaaa.', 'password ', 'a://'])
      quietOutput(part.repeat(20_000));

    expect(performance.now() - before).toBeLessThan(500);
  });

  it('is few lines, the last ones, and inert', () => {
    const shown = quietOutput(`${'line\n'.repeat(50)}<!channel> see https://evil.example *now*\n\n`);

    expect(shown.split(' ⏎ ')).toHaveLength(8);
    expect(shown).toContain('&lt;!channel&gt; see https[:]//evil.example');
  });

  it('leaves ordinary words alone', () => {
    expect(quietOutput('Restarted 3 workers in 1.2 s at 2026-01-01T10:00:00Z')).toBe(
      'Restarted 3 workers in 1.2 s at 2026-01-01T10:00:00Z',
    );
  });
});
