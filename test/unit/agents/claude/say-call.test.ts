import { describe, expect, it } from 'vitest';
import { sayCall } from '../../../../src/agents/claude/say-call.ts';

describe('what an agent did, in its thread', () => {
  it.each([
    [
      'metric_query',
      { expression: 'rate(errors[1m])', stepS: 15 },
      'metric query: rate(errors[1m]) · stepS 15',
    ],
    ['show_commit', { sha: 'c'.repeat(40) }, 'show commit: cccccccccc'],
    [
      'run_command',
      { argv: ['node', 'reproduce.mjs'], seconds: 30 },
      'run command: node reproduce.mjs · seconds 30',
    ],
    [
      'edit_files',
      {
        files: [
          { path: 'a.js', content: 'let a' },
          { path: 'b.js', content: '' },
        ],
      },
      'edit files: a.js, b.js',
    ],
    ['metric_overview', {}, 'metric overview'],
  ])('%s', (tool, input, said) => {
    expect(sayCall(tool, input)).toBe(said);
  });

  it('stays one short line whatever was asked', () => {
    const said = sayCall('log_search', { text: `a\n${'b'.repeat(500)}` });

    expect(said).toHaveLength(140);
    expect(said).not.toContain('\n');
  });
});
