import type { PlannedRemedy, RemedyPreview } from '../../domain/plan.ts';
import type { RiskFacts } from '../../domain/risk.ts';
import type { Service } from '../../domain/service.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { ShownChange } from './apply-change.ts';
import { digestChanges } from './digest-changes.ts';

/** Beyond this nobody reviews a diff. */
const maxDiffChars = 400_000;

/** A plan for a change, pinned to its base and to every byte that it writes. */
export function planChange(
  service: Service,
  base: string,
  change: ShownChange,
  plan: Pick<PlannedRemedy, 'kind' | 'params'> & {
    readonly preview: Omit<RemedyPreview, 'diff'>;
    readonly facts: RiskFacts;
  },
): Preview {
  const { kind, params, facts, preview } = plan;
  if (change.diff.length > maxDiffChars) return impossible('the change is too large for anybody to review.');
  const binary = [...change.diff.matchAll(/^Binary files .*$/gm)].length;
  if (binary > 0) {
    return impossible('it changes binary files, which no diff can show: nobody could say what they approve.');
  }
  if (change.diff.split('\n').some((line) => line.startsWith('+') && !isShownAsItIs(line))) {
    return impossible(
      'it writes text that is not UTF-8 or not in the normal form of Unicode (NFC): the diff would not show what it does.',
    );
  }
  return {
    possible: true,
    facts,
    planned: {
      kind,
      service: service.name,
      params,
      pins: { base, result: digestChanges(change.changes) },
      // one spelling: what is stored is what was made here
      preview: {
        ...preview,
        summary: preview.summary.normalize('NFC'),
        diff: change.diff.normalize('NFC'),
        notes: preview.notes.map((note) => note.normalize('NFC')),
      },
    },
  };
}

/** What was no UTF-8 has become U+FFFD by now; what is not NFC is going to be it. */
function isShownAsItIs(line: string): boolean {
  return !line.includes('\ufffd') && line === line.normalize('NFC');
}

export function impossible(reason: string): Preview {
  return { possible: false, reason };
}
