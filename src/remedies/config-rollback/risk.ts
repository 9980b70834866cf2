import type { RiskClass } from '../../domain/plan.ts';
import type { RiskFacts } from '../../domain/risk.ts';
import { count } from '../shared-git/git-tools.ts';
import type { SettingsChange } from './compare-settings.ts';

const fewSettings = 10;

export interface Rollback {
  /** Null where the format has no settings that can be told apart. */
  readonly change: SettingsChange | null;
  /** Changes of the file that are undone together. */
  readonly versions: number;
  /** Other files that the undone changes touched, and that stay as they are. */
  readonly otherFiles: number;
}

export function judgeRollback({ change, versions, otherFiles }: Rollback): RiskFacts {
  const reasons: string[] = [];
  let base: RiskClass = 'low';
  const atLeast = (least: 'medium' | 'high', because: string): void => {
    reasons.push(because);
    if (base !== 'high') base = least;
  };
  if (change === null) atLeast('medium', 'the file has no settings that could be told apart');
  else {
    if (change.secrets > 0) atLeast('high', `it changes ${count(change.secrets, 'secret')}`);
    if (change.removed.length > 0) {
      atLeast(
        'medium',
        `it takes away ${count(change.removed.length, 'setting')} that the code of today may need`,
      );
    }
    if (change.changed > fewSettings) atLeast('medium', `it changes ${count(change.changed, 'setting')}`);
  }
  if (versions > 1) atLeast('medium', `it undoes ${count(versions, 'change')} of the file together`);
  if (otherFiles > 0) {
    atLeast('medium', `what set it also changed ${count(otherFiles, 'other file')}, which stay as they are`);
  }
  if (reasons.length === 0 && change !== null) {
    reasons.push(`it changes ${count(change.changed, 'setting')} back by one version`, 'it can be undone');
  }
  return { base, reasons, reversible: 'exact' };
}
