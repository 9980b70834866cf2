import { parseArgs } from 'node:util';
import { DemoError } from './shop/demo-error.ts';

export interface DemoArguments {
  readonly headless: boolean;
  readonly json: boolean;
  /** Name of a fault in `demo/faults`, or a folder with scenario.yaml and a patch. */
  readonly scenario: string;
  readonly investigator: 'evidence' | 'claude';
  /** One agent for the whole incident, for comparison. */
  readonly singleAgent: boolean;
  /** Seconds of healthy traffic before the fault. */
  readonly warmUpS: number;
}

export const usage = `npm run demo -- [options]

  --scenario NAME-or-FOLDER   the fault to inject (default token-ttl; docs/scenarios.md shows how to write one)
  --investigator NAME         evidence (default) or claude (needs ANTHROPIC_API_KEY)
  --single-agent              the top suspect's agent investigates alone, for comparison
  --headless                  Chromium clicks Approve in the real page, and the demo ends by itself
  --json                      one JSON object on standard output at the end; use npm's -s to have it alone there:
                              npm run -s demo -- --headless --json
  --warm-up SECONDS           healthy traffic before the fault (default 45)
  --help                      this text
`;

/** @throws DemoError naming the option that is wrong; `help` when it was asked for */
export function readArguments(argv: readonly string[], hasKey: boolean): DemoArguments {
  const values = parse(argv);
  if (values.help) throw new DemoError('help', 'Warroom on a small shop.', usage);
  const { investigator } = values;
  if (investigator !== 'evidence' && investigator !== 'claude')
    throw new DemoError('bad_arguments', `there is no investigator "${investigator}"`, usage);
  if (investigator === 'claude' && !hasKey) {
    throw new DemoError(
      'no_key',
      'the claude investigator needs a key, and ANTHROPIC_API_KEY is not set',
      'Put ANTHROPIC_API_KEY=... into .env, or leave --investigator away: the evidence engine needs none.',
    );
  }
  const warmUpS = Number(values['warm-up']);
  if (values['warm-up'].trim() === '' || !Number.isFinite(warmUpS) || warmUpS < 0) {
    throw new DemoError(
      'bad_arguments',
      `--warm-up is not a number of seconds: "${values['warm-up']}"`,
      'For example: --warm-up 45',
    );
  }
  return {
    headless: values.headless,
    json: values.json,
    scenario: values.scenario,
    investigator,
    singleAgent: values['single-agent'],
    warmUpS,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        headless: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        scenario: { type: 'string', default: 'token-ttl' },
        investigator: { type: 'string', default: 'evidence' },
        'single-agent': { type: 'boolean', default: false },
        'warm-up': { type: 'string', default: '45' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new DemoError('bad_arguments', said, usage, { cause });
  }
}
