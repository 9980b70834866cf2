import { asTyped } from './command-words.ts';

export type Delegation =
  | { readonly kind: 'ask' }
  | { readonly kind: 'off' }
  | { readonly kind: 'to'; readonly to: string; readonly hours: number; readonly reason: string }
  | { readonly kind: 'unclear'; readonly complaint: string };

const defaultHours = 8;
/** As the flow has it; said here so that nobody has to wait for the directory to learn it. */
const hoursMax = 24;
const hoursPer = { m: 1 / 60, h: 1, d: 24 } as const;

/** `@mira for 2h on a plane`: Slack sends the person as `<@U123|mira>`. Without a time it is a shift of eight hours. */
export function parseDelegation(text: string): Delegation {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'ask' };
  if (/^off[.!]?$/i.test(trimmed)) return { kind: 'off' };
  const person = /^<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/.exec(trimmed);
  if (person?.[1] === undefined) return unclear(whomText(trimmed));
  const rest = trimmed.slice(person[0].length).trim();
  const time =
    /^for\s+(\d+(?:[.,]\d+)?)\s*(m|min|mins|minutes?|h|hrs?|hours?|d|days?)(?=$|[\s,.;:])[,.;:]?\s*/i.exec(
      rest,
    );
  if (time === null && /^for\s+[\d.,]/i.test(rest)) {
    return unclear('For how long? Write `for 30m` or `for 2h`.');
  }
  const unit = (time?.[2]?.[0]?.toLowerCase() ?? 'h') as keyof typeof hoursPer;
  const hours = time === null ? defaultHours : Number((time[1] ?? '').replace(',', '.')) * hoursPer[unit];
  if (!(hours > 0) || hours > hoursMax) return unclear('It can be handed over for up to 24 hours at a time.');
  const reason = asTyped(rest.slice(time?.[0].length ?? 0)).trim();
  return { kind: 'to', to: person[1], hours, reason };
}

function whomText(text: string): string {
  if (text.startsWith('<!subteam'))
    return 'To one person, not to a group: whoever approves is named on the card.';
  return 'To whom? Begin with a person, chosen from the list that Slack offers after `@`.';
}

function unclear(complaint: string): Delegation {
  return { kind: 'unclear', complaint };
}
