import { tryChange } from '../../agents/patch/try-change.ts';
import { whyRefused } from '../../domain/patch-rules.ts';
import type { Service } from '../../domain/service.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { ChangeOutcome } from '../../ports/source-control.ts';
import { nameAll, short } from '../shared-git/git-tools.ts';
import { maskChange, noteMasked } from '../shared-git/mask-change.ts';
import { impossible, planChange } from '../shared-git/plan-change.ts';
import { readBase } from '../shared-git/read-base.ts';
import type { Tools } from '../tools.ts';
import { judgePatch } from './risk.ts';
import { type PatchParams, paramsSchema } from './schema.ts';

export type PatchTools = Pick<Tools, 'source' | 'codeHost' | 'sandbox'>;

/** What the patch changes on today's branch, and what the tests say of it. Changes nothing outside a sandbox. */
export async function previewPatch(
  tools: PatchTools,
  service: Service,
  given: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(given);
  if (!parsed.success)
    return impossible(
      'it needs a title of one line, a patch of at most 200,000 characters, and at most a check.',
    );
  const params = parsed.data;
  // the plan is stored as canonical JSON, which knows one spelling of a character
  if (!isCanonicalText(params.patch) || !isCanonicalText(params.title)) {
    return impossible('its text is not in the normal form of Unicode (NFC), so it could change on its way.');
  }
  const check = params.check ?? service.testCommand;
  const whyNot = whyNoCheck(service, check);
  if (whyNot !== null) return impossible(whyNot);

  const read = await readBase(tools, service, signal);
  if ('reason' in read) return impossible(read.reason);
  const { base } = read;
  const change = await patchOrReason(tools, service, base, params, signal);
  if (typeof change === 'string') return impossible(change);
  const trial = await tryChange(
    tools,
    service,
    { before: base, after: change.commit, changes: change.changes },
    check,
    signal,
  );
  if (!trial.passes) return impossible(trial.reason);

  const { slug, branch } = service.repository;
  const paths = change.changes.map((one) => one.path);
  const shown = await maskChange(tools.source, service, base, change, signal);
  return planChange(service, base, shown, {
    kind: 'pull-request',
    params: {
      patch: params.patch,
      title: params.title,
      ...(params.check === undefined ? {} : { check: params.check }),
    },
    facts: judgePatch(change, trial.unproven === null && params.check === undefined),
    preview: {
      summary: `Merge a patch, “${params.title.trim()}”, into ${slug} ${branch}: it changes ${nameAll(paths)}.`,
      measured: trial.measured,
      notes: [
        ...(trial.unproven === null
          ? []
          : [`Nothing shows that this patch repairs what is wrong: ${trial.unproven}`]),
        `It is made for ${branch} at ${short(base)}; a push before it is merged makes the plan void.`,
        ...noteMasked(change, shown),
      ],
      undo: 'Close the pull request while it is open; once merged, revert the merge by a second one.',
    },
  });
}

/** The change that the patch makes on `base`, or why it is not taken. */
export async function patchOrReason(
  { source }: PatchTools,
  service: Service,
  base: string,
  { patch }: Pick<PatchParams, 'patch'>,
  signal: AbortSignal,
): Promise<Extract<ChangeOutcome, { kind: 'clean' }> | string> {
  // people and models forget the last line end, without which git finds the patch cut off
  const whole = patch.endsWith('\n') ? patch : `${patch}\n`;
  const outcome = await source.patch(service, { base, patch: whole }, signal);
  switch (outcome.kind) {
    case 'refused':
      return `the patch cannot be applied to ${service.repository.branch} at ${short(base)}: ${outcome.reason}.`;
    case 'no-change':
      return `the patch changes nothing on ${service.repository.branch} at ${short(base)}.`;
    case 'clean':
      return (
        whyRefused({ paths: outcome.changes.map((change) => change.path), diff: outcome.diff }) ?? outcome
      );
    default:
      return outcome satisfies never;
  }
}

function whyNoCheck(service: Service, check: readonly string[]): string | null {
  const [program] = service.testCommand;
  if (program === undefined) {
    return `the catalogue names no test command for ${service.name} (\`testCommand\`), and untried patches are not offered.`;
  }
  if (check[0] === program) return null;
  return `its check begins with “${check[0]}”; for ${service.name} it has to begin with “${program}”, as the catalogue's test command does.`;
}

function isCanonicalText(text: string): boolean {
  return text.isWellFormed() && text === text.normalize('NFC');
}
