import { tmpdir } from 'node:os';
import type { Service } from '../../domain/service.ts';
import { missingBranch, remoteFailure } from './errors.ts';
import { runGit } from './git-process.ts';
import { type GitCredentials, headerFor, showUrl, withoutSecrets } from './mirrors.ts';

const askTimeoutMs = 15_000;

/** Head of the service's branch by its clone address, as a fetch would find it, without fetching or keeping anything. */
export async function askBranchHead(
  service: Service,
  credentials: GitCredentials,
  signal: AbortSignal,
): Promise<string> {
  const { url, branch } = service.repository;
  const credential = await headerFor(url, credentials, signal);
  const asked = await runGit({
    cwd: tmpdir(),
    home: '/nonexistent',
    args: ['ls-remote', '--quiet', '--', url, `refs/heads/${branch}`],
    signal,
    timeoutMs: askTimeoutMs,
    ...(credential === undefined ? {} : { credential }),
  });
  if (asked.code !== 0) {
    const stderr = withoutSecrets(asked.stderr, credential?.header);
    throw remoteFailure(showUrl(url), stderr, credential !== undefined);
  }
  const [head = ''] = asked.stdout.toString('utf8').split(/\s/, 1);
  if (head === '') throw missingBranch(service, showUrl(url));
  return head;
}
