import { kindOf } from '../trial/fill-column.ts';
import type { ReplicaColumn } from '../trial/read-replica-facts.ts';

/** A value that fewer rows than this share may point at somebody. */
const fewestRows = 5;
const mostCategories = 50;
const daySeconds = 86_400;

/** Names of columns whose values are of a person or a secret, whatever they look like. */
export const personal =
  /name|mail|phone|mobile|fax|addr|street|city|town|zip|postal|birth|born|dob|(?:^|_)age$|death|died|gender|sex|race|religio|salar|income|wage|iban|bic|swift|account|acct|card|cvv|cvc|ssn|tax|passport|licen[cs]e|insur|health|diagnos|user|login|nick|person|customer|patient|employee|owner|author|assignee|manager|agent|doctor|contact|recipient|sender|member|student|teacher|driver|_by$|ip(?:$|[_.])|geo|lat(?:$|itude)|lng|lon(?:$|gitude)|comment|note|message|subject|body|title|descr|pass|pwd|pin(?:$|[_.])|secret|token|key|hash|salt|session|cookie|auth|credential|signature|cert|otp|nonce|iv$/i;

/** A word or code that names a category: `paid`, `credit_card`, `EUR`, `eu-west-1`; no long runs of digits, nothing random. */
const categoryForm = /^(?!.*\d{4})[A-Za-z][A-Za-z0-9]*(?:[ _.:/-][A-Za-z0-9]+){0,4}$/;

/**
 * The statistics of a column as they may leave the database's side: shares of nulls and of categories, how many different
 * values there are, and for numbers and times a range that is rounded inward. A value of a row goes along only where it
 * names a category: the column has few different values, each shared by several rows, that are plain words, numbers,
 * booleans or labels of an enum, and the column is not one for persons or secrets by its name.
 * @param rows of the target's table
 */
export function hideValues(column: ReplicaColumn, rows: number): ReplicaColumn {
  const bare: ReplicaColumn = {
    ...column,
    nullFraction: column.nullFraction ?? 0,
    distinct: column.distinct ?? -1,
    common: [],
    frequencies: [],
    bounds: [],
    numbers: [],
  };
  const kind = kindOf(column.family);
  const isPersonal = personal.test(column.name);
  switch (kind) {
    case 'bool':
      return withCategories(bare, column.common.length > 0 ? column : evenly(bare, ['true', 'false']));
    case 'enum':
      return withCategories(bare, column.common.length > 0 ? column : evenly(bare, column.labels));
    case 'whole':
    case 'number': {
      if (!isPersonal && hasCategories(column, rows)) return withCategories(bare, column);
      return { ...bare, bounds: (isPersonal ? [1, 9] : rangeOf(column, kind === 'whole')).map(String) };
    }
    case 'time': {
      const numbers = isPersonal ? [] : column.numbers.flatMap((number) => number ?? []);
      return { ...bare, numbers: daysOf(numbers) };
    }
    case 'text':
      return !isPersonal && hasCategories(column, rows) && column.common.every(isCategory)
        ? withCategories(bare, column)
        : bare;
    default:
      return bare;
  }
}

/** Few values, all of them common ones. */
function hasCategories({ distinct, common, frequencies }: ReplicaColumn, rows: number): boolean {
  return (
    distinct !== null &&
    distinct > 0 &&
    distinct <= mostCategories &&
    common.length >= distinct &&
    frequencies.every((share) => share * rows >= fewestRows)
  );
}

/** Whether a text is a plain word or code that names a category. */
export function isCategory(value: string | null): boolean {
  if (value === null || value.length > 32 || !categoryForm.test(value)) return false;
  // `Ada Lovelace` is a person, and letters and digits in one long run are an id or a token.
  const isName = (value.match(/(?:^| )\p{Lu}\p{Ll}/gu) ?? []).length > 1;
  return !isName && value.split(/[ _.:/-]/).every((part) => part.length < 10 || !/\d/.test(part));
}

/** Nothing is left for values that are not common. */
function withCategories(
  bare: ReplicaColumn,
  { common, frequencies }: Pick<ReplicaColumn, 'common' | 'frequencies'>,
): ReplicaColumn {
  const sum = frequencies.reduce((total, share) => total + share, 0);
  const rest = 1 - (bare.nullFraction ?? 0);
  return {
    ...bare,
    common,
    distinct: Math.max(1, common.length),
    frequencies: sum > 0 ? frequencies.map((share) => (share * rest) / sum) : frequencies,
  };
}

function evenly(
  bare: ReplicaColumn,
  common: readonly string[],
): Pick<ReplicaColumn, 'common' | 'frequencies'> {
  const share = (1 - (bare.nullFraction ?? 0)) / Math.max(1, common.length);
  return { common: [...common], frequencies: common.map(() => share) };
}

/** Two digits of each end are enough; inward, so that every value between fits the type and its checks. */
function rangeOf(column: ReplicaColumn, whole: boolean): [number, number] {
  const known = [...column.bounds, ...column.common]
    .flatMap((bound) => bound ?? [])
    .map(Number)
    .filter((number) => Number.isFinite(number));
  if (known.length === 0) return whole ? [1, 1_000] : [1, 9];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const inward = [roundTo2(low, Math.ceil), roundTo2(high, Math.floor)] as const;
  return inward[0] <= inward[1] ? [...inward] : [roundTo2(low, Math.trunc), roundTo2(low, Math.trunc)];
}

function roundTo2(value: number, round: (number: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  // Divided, not multiplied, where the unit is a fraction: 0.1 is none of binary's.
  return unit >= 1 ? round(value / unit) * unit : round(value * (1 / unit)) / (1 / unit);
}

function daysOf(seconds: readonly number[]): [number, number] {
  if (seconds.length === 0) return [Date.UTC(2020, 0, 1) / 1000, Date.UTC(2024, 0, 1) / 1000];
  const low = Math.min(...seconds);
  const first = Math.ceil(low / daySeconds) * daySeconds;
  const last = Math.floor(Math.max(...seconds) / daySeconds) * daySeconds;
  const only = Math.floor(low / daySeconds) * daySeconds;
  return first <= last ? [first, last] : [only, only];
}
