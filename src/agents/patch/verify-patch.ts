import { whyCheckRefused, whyModelPatchRefused } from '../../domain/patch-rules.ts';
import type { ProposedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import { boundedLine } from '../../platform/visible-text.ts';
import type { Notebook } from '../investigator.ts';
import { type Trying, tryChange } from './try-change.ts';
import type { WrittenPatch } from './written-patch.ts';

const titleMax = 120;
const diffShown = 24_000;
const mostBroken = 200;

export type VerifiedPatch =
  /** `evidence`: number of the row that says how it was tried. */
  | { readonly stands: true; readonly remedy: ProposedRemedy; readonly evidence: number }
  /** A clause: why it is not proposed. */
  | { readonly stands: false; readonly reason: string };

export interface PatchScene {
  readonly trying: Trying;
  readonly service: Service;
  /** The commit that is blamed, as far as code stands behind it; null: none. */
  readonly commit: string | null;
  readonly notebook: Notebook;
}

/**
 * Tries a model's patch in fresh sandboxes, on trees that no agent has touched: its check has to pass before the blamed
 * commit, fail since, and pass with the patch by the names or numbers of its tests, and the service's own tests have to pass then. What the agent ran itself
 * counts for nothing. Without a blamed commit only the service's own tests can say that something is broken.
 */
export async function verifyPatch(
  { trying, service, commit, notebook }: PatchScene,
  patch: WrittenPatch,
  signal: AbortSignal,
): Promise<VerifiedPatch> {
  const refuse = (reason: string): VerifiedPatch => ({ stands: false, reason });
  const isOwnTests = patch.check.join('\0') === service.testCommand.join('\0');
  if (commit === null && !isOwnTests)
    return refuse('code stands behind no commit, so nothing says that its check ever passed.');
  if (patch.diff !== patch.diff.normalize('NFC'))
    return refuse('its text is not in the normal form of Unicode (NFC), so it could change on its way.');

  const { source } = trying;
  const { head } = await source.fetch(service, signal);
  const diff = patch.diff.endsWith('\n') ? patch.diff : `${patch.diff}\n`;
  const change = await source.patch(service, { base: head, patch: diff }, signal);
  if (change.kind === 'refused') return refuse(`it does not apply: ${change.reason}.`);
  if (change.kind === 'no-change') return refuse('it changes nothing.');
  const blamed = commit === null ? null : await readBlamed(source, service, commit, signal);
  if (commit !== null && blamed === null)
    return refuse('there is no tree from before the blamed commit to try it on.');
  const paths = change.changes.map((one) => one.path);
  const known = new Set(await source.files(service, head, signal));
  const refused = whyModelPatchRefused({ paths, diff: change.diff }, known, blamed?.paths ?? null);
  if (refused !== null) return refuse(refused);
  const noCheck = whyCheckRefused(patch.check, service.testCommand, known, paths);
  if (noCheck !== null) return refuse(noCheck);

  const trial = await tryChange(
    trying,
    service,
    {
      before: head,
      after: change.commit,
      changes: change.changes,
      ...(blamed === null ? {} : { origin: blamed.parent }),
    },
    patch.check,
    signal,
  );
  if (!trial.passes) return refuse(trial.reason);
  if (trial.unproven !== null) return refuse(trial.unproven);
  if (trial.passedAtOrigin === false)
    return refuse(
      'its check fails before the blamed commit as well, so it is not about what that commit broke.',
    );
  const { measured } = trial;
  const row = await notebook.keep(`patch:${change.commit}`, {
    kind: 'check',
    service: service.name,
    title: `Patch tried at ${head.slice(0, 10)}`,
    summary: boundedLine(
      `${measured.what}: without the patch it ${measured.before}; with it, it ${measured.after}.`,
      900,
    ),
    query: patch.check.join(' '),
    data: {
      triedPatch: {
        paths,
        diff: change.diff.slice(0, diffShown),
        before: measured.before,
        after: measured.after,
      },
    } satisfies Json,
    empty: false,
  });
  return {
    stands: true,
    evidence: row.number,
    remedy: {
      kind: 'pull-request',
      service: service.name,
      params: {
        patch: diff,
        title: boundedLine(patch.explanation, titleMax).normalize('NFC'),
        ...(isOwnTests ? {} : { check: [...patch.check] }),
      },
    },
  };
}

async function readBlamed(
  source: Trying['source'],
  service: Service,
  commit: string,
  signal: AbortSignal,
): Promise<{ parent: string; paths: readonly string[] } | null> {
  const [read] = await source.log(service, { at: commit, limit: 1 }, signal);
  const [parent] = read?.parents ?? [];
  if (read === undefined || parent === undefined || read.files.length > mostBroken) return null;
  return { parent, paths: read.files.map((file) => file.path) };
}
