import type { Change } from '../../ports/change-source.ts';
import { stem, tokenize } from './tokenize.ts';

/** A told change against the trouble, on the scale on which commits are scored. */
export interface RankedChange {
  readonly change: Change;
  /** 0–1. Never so high that it outweighs a commit that explains the symptom: nobody has read what the change does. */
  readonly score: number;
  /** Seconds from the change to the onset; negative where it came after. */
  readonly leadS: number;
  readonly reasons: readonly string[];
}

export interface Trouble {
  /** Unix seconds. */
  readonly onset: number;
  readonly alertedAt: number;
  /** What the service and its callers say of it. */
  readonly texts: readonly { readonly text: string }[];
}

const byTime = 0.45;
const byWords = 0.2;
/** What concerns every service would show in others as well. */
const forAll = 0.7;

/** Best first. */
export function rankToldChanges(changes: readonly Change[], trouble: Trouble): RankedChange[] {
  const said = new Set(trouble.texts.flatMap((one) => tokenize(one.text)));
  return changes
    .map((change) => weigh(change, trouble, said))
    .toSorted((a, b) => b.score - a.score || b.change.at.getTime() - a.change.at.getTime());
}

function weigh(change: Change, trouble: Trouble, said: ReadonlySet<string>): RankedChange {
  const at = change.at.getTime() / 1000;
  const leadS = trouble.onset - at;
  const words = [...new Set(tokenize(change.summary).map(stem))].filter((word) => said.has(word));
  const scope = change.service === null ? forAll : 1;
  const score =
    timeWeight(leadS, at > trouble.alertedAt) * scope * (byTime + (words.length > 0 ? byWords : 0));
  return {
    change,
    score,
    leadS,
    reasons: [
      sayLead(leadS),
      ...(words.length === 0
        ? []
        : [
            `shares ${words
              .slice(0, 3)
              .map((word) => `"${word}"`)
              .join(', ')} with the trouble`,
          ]),
    ],
  };
}

function timeWeight(leadS: number, afterAlert: boolean): number {
  if (afterAlert) return 0;
  if (leadS < -20) return 0.2;
  if (leadS <= 120) return 1;
  if (leadS <= 900) return 0.7;
  if (leadS <= 3600) return 0.4;
  return leadS <= 86_400 ? 0.15 : 0.05;
}

function sayLead(leadS: number): string {
  const [size, unit] =
    Math.abs(leadS) < 120 ? [leadS, 's'] : Math.abs(leadS) < 7200 ? [leadS / 60, 'min'] : [leadS / 3600, 'h'];
  return `${Math.abs(Math.round(size))} ${unit} ${leadS >= 0 ? 'before' : 'after'} it began`;
}
