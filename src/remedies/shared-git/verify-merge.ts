import type { Check, Receipt } from '../../domain/execution.ts';
import type { Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import { type GitTools, noCodeHost, short } from './git-tools.ts';
import { readStored, receiptSchema } from './stored-state.ts';

/** Whether the branch still has the merge, and still has what it brought. */
export async function verifyMerge(
  { source, codeHost }: GitTools,
  service: Service,
  receipt: Receipt,
  signal: AbortSignal,
): Promise<Check> {
  if (codeHost === null) return { state: 'unknown', text: `It was not looked at: ${noCodeHost}` };
  const { number, mergeSha } = readStored(receiptSchema, receipt.data, 'receipt');
  const { branch } = service.repository;
  try {
    const { head } = await source.fetch(service, signal);
    if (!(await source.contains(service, { head, sha: mergeSha }, signal))) {
      const hosted = await codeHost.branchHead(service, signal);
      return hosted === head
        ? broken(`${branch} at ${short(head)} no longer has the merge ${short(mergeSha)} of #${number}.`)
        : unknown(`git has ${branch} at ${short(head)} and the code host at ${short(hosted)}.`);
    }
    const undoing = await source.revert(service, { base: head, sha: mergeSha }, signal);
    if (undoing.kind === 'already-undone') {
      return broken(`What #${number} brought is undone again on ${branch} at ${short(head)}.`);
    }
    const where = `The merge ${short(mergeSha)} of #${number} is part of ${branch} at ${short(head)}`;
    return undoing.kind === 'clean'
      ? { state: 'holds', text: `${where}, and what it brought is there.` }
      : { state: 'holds', text: `${where}; later commits changed the same lines.` };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WarroomError)) throw error;
    return unknown(error.message);
  }
}

function broken(text: string): Check {
  return { state: 'broken', text };
}

function unknown(why: string): Check {
  return { state: 'unknown', text: `Whether it is in place could not be read: ${why}` };
}
