import type { RemedyContext } from '../../ports/remedy.ts';
import { changeMessage } from '../shared-git/pull-request-text.ts';
import { quietLine } from '../shared-git/quiet-text.ts';

export function revertTitle(subject: string): string {
  return `Revert "${quietLine(subject)}"`;
}

/** Git's own wording, so that other tools recognise a revert; then where it comes from. */
export function revertMessage(subject: string, commit: string, context: RemedyContext): string {
  return changeMessage(revertTitle(subject), [`This reverts commit ${commit}.`], context);
}
