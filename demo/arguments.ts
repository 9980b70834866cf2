import { parseArgs } from 'node:util';
import { DemoError } from './shop/demo-error.ts';

export interface DemoArguments {
  readonly headless: boolean;
  readonly json: boolean;
  /** Name of a fault in `demo/faults`, or a folder with scenario.yaml and a patch. */
  readonly scenario: string;
  readonly investigator: 'evidence' | 'claude';
  /** Seconds of healthy traffic before the fault. */
  readonly warmUpS: number;
}

export const usage = `npm run demo -- [options]

  --scenario NAME-or-FOLDER   the fault to inject (default token-ttl)
  --investigator NAME         evidence (default) or claude (needs ANTHROPIC_API_KEY)
  --headless                  click Approve in the real page by Chromium, then end
  --json                      print one JSON object at the end
  --warm-up SECONDS           healthy traffic before the fault (default 45)
`;

/** @throws DemoError naming the option that is wrong */
export function readArguments(argv: readonly string[], hasKey: boolean): DemoArguments {
  let values: { [name: string]: string | boolean | undefined };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        headless: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        scenario: { type: 'string', default: 'token-ttl' },
        investigator: { type: 'string', default: 'evidence' },
        'warm-up': { type: 'string', default: '45' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new DemoError('bad_arguments', cause instanceof Error ? cause.message : String(cause), usage, {
      cause,
    });
  }
  if (values['help'] === true) throw new DemoError('help', 'Warroom on a small shop.', usage);
  const investigator = values['investigator'];
  if (investigator !== 'evidence' && investigator !== 'claude') {
    throw new DemoError('bad_arguments', `there is no investigator "${String(investigator)}"`, usage);
  }
  if (investigator === 'claude' && !hasKey) {
    throw new DemoError(
      'no_key',
      'the claude investigator needs a key',
      'Put ANTHROPIC_API_KEY into .env, or leave --investigator away: the evidence engine needs none.',
    );
  }
  const warmUpS = Number(values['warm-up']);
  if (!Number.isFinite(warmUpS) || warmUpS < 0) {
    throw new DemoError(
      'bad_arguments',
      `--warm-up is not a number of seconds: ${String(values['warm-up'])}`,
      usage,
    );
  }
  return {
    headless: values['headless'] === true,
    json: values['json'] === true,
    scenario: String(values['scenario']),
    investigator,
    warmUpS,
  };
}
