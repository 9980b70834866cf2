import type { Service } from '../../domain/service.ts';
import { type GitTools, noCodeHost, short } from './git-tools.ts';

/** The head that a change is made for, read where git fetches and where the code host merges; or why there is none. */
export async function readBase(
  { source, codeHost }: GitTools,
  service: Service,
  signal: AbortSignal,
): Promise<{ readonly base: string } | { readonly reason: string }> {
  if (codeHost === null) return { reason: noCodeHost };
  const { branch, slug } = service.repository;
  const { head } = await source.fetch(service, signal);
  const hosted = await codeHost.branchHead(service, signal);
  if (hosted !== head && (await source.fetch(service, signal)).head !== hosted) {
    return {
      reason: `${branch} is at ${short(head)} in the repository's url and at ${short(hosted)} in ${slug} on the code host.`,
    };
  }
  return { base: hosted };
}

/** The pin that no longer holds, in a sentence; null while the branch is where it was. */
export async function whyBaseMoved(
  { codeHost }: GitTools,
  service: Service,
  base: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (codeHost === null) return noCodeHost;
  const head = await codeHost.branchHead(service, signal);
  if (head === base) return null;
  return `${service.repository.branch} has moved from ${short(base)} to ${short(head)} since the plan was made.`;
}
