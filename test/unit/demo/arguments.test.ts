import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../demo/arguments.ts';

describe('the demo’s options', () => {
  it('has a default for each', () => {
    expect(readArguments([], false)).toEqual({
      headless: false,
      json: false,
      scenario: 'token-ttl',
      investigator: 'evidence',
      singleAgent: false,
      warmUpS: 45,
    });
  });

  it('takes all of them', () => {
    const argv = '--headless --json --scenario=../x --investigator claude --single-agent --warm-up 0'.split(
      ' ',
    );

    expect(readArguments(argv, true)).toEqual({
      headless: true,
      json: true,
      scenario: '../x',
      investigator: 'claude',
      singleAgent: true,
      warmUpS: 0,
    });
  });

  it.each([
    [['--frobnicate'], 'bad_arguments', /--scenario/],
    [['token-ttl'], 'bad_arguments', /--scenario/],
    [['--investigator', 'gpt'], 'bad_arguments', /evidence \(default\) or claude/],
    [['--investigator', 'claude'], 'no_key', /ANTHROPIC_API_KEY.*\.env/],
    [['--warm-up', 'soon'], 'bad_arguments', /--warm-up 45/],
    [['--warm-up='], 'bad_arguments', /--warm-up 45/],
    [['--help'], 'help', /--headless/],
  ])('answers %j with what to type', (argv, code, hint) => {
    expect(() => readArguments(argv, false)).toThrow(
      expect.objectContaining({ code, hint: expect.stringMatching(hint) }),
    );
  });
});
