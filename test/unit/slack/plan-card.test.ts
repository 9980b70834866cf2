import type { Button, KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '../../../demo/local-slack/block-limits.ts';
import type { PlanView } from '../../../src/domain/room.ts';
import { canonicalJson, type Json, sha256 } from '../../../src/platform/canonical-json.ts';
import { renderPlanCard } from '../../../src/slack/blocks/plan-card.ts';
import type { Rendered } from '../../../src/slack/blocks/rendered.ts';
import { context, links, planViewOf, shortDiff } from './sample-views.ts';

const render = (view: PlanView, attached = false): Rendered =>
  renderPlanCard(view, links, { ...context, attached });

function buttonsOf(blocks: readonly KnownBlock[]): Button[] {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.filter((element) => element.type === 'button') : [],
  );
}

const shown = (rendered: Rendered): string => JSON.stringify(rendered.blocks);

describe('the card of a pending plan', () => {
  it('shows the diff whole and literal, the undo, the check, the digest and who may decide', () => {
    const view = planViewOf();
    const rendered = render(view);

    const diff = rendered.blocks.find((block) => block.type === 'rich_text');
    expect(JSON.stringify(diff)).toContain(JSON.stringify(shortDiff.trimEnd()).slice(1, -1));
    expect(shown(rendered)).toContain(view.digest);
    expect(shown(rendered)).toContain('Revert the revert by a second pull request.');
    expect(shown(rendered)).toContain('sum(rate(errors_total[1m]))');
    expect(shown(rendered)).toContain('<@U0MIRA>, @approvers');
    expect(rendered.files).toEqual([]);
  });

  it('carries plan, digest and nonce in its buttons and asks again before it runs', () => {
    const view = planViewOf();

    const [approve, reject, ask, ...others] = buttonsOf(render(view).blocks);

    const carried = { planId: view.planId, digest: view.digest, nonce: view.nonce };
    expect(JSON.parse(approve?.value ?? '')).toEqual(carried);
    expect(JSON.parse(reject?.value ?? '')).toEqual(carried);
    expect(JSON.parse(ask?.value ?? '')).toEqual(carried);
    expect(others).toEqual([]);
    expect(approve?.confirm?.text.text).toContain('Revert 4f2a9c1');
  });

  it('says a headline below that what cannot be seen in it has made too long for a header', () => {
    const summary = `Revert 4f2a9c1 “${'\u202e'.repeat(30)}” by ada, and drop everything`;

    const [, ...below] = render(planViewOf({ summary })).blocks;

    expect(JSON.stringify(below)).toContain('by ada, and drop everything');
  });

  it('says so when the catalogue lets nobody approve', () => {
    expect(shown(render(planViewOf({}, { approvers: [] })))).toContain('Nobody may approve');
  });
});

describe('a change that is too long for a card', () => {
  const long = Array.from({ length: 900 }, (_, index) => `+line ${index} <!channel>`).join('\n');

  it('has no buttons until the whole of it is attached', () => {
    const view = planViewOf({ diff: long });

    const before = render(view, false);
    const after = render(view, true);

    expect(buttonsOf(before.blocks)).toEqual([]);
    expect(buttonsOf(after.blocks)).toHaveLength(3);
    expect(checkBlocks(after.blocks, 'message')).toEqual({ problems: [] });
    expect(shown(after)).toContain('a diff of 900 lines');
  });

  it('attaches every line of it together with the digest', () => {
    const view = planViewOf({ diff: long });

    const [file] = render(view).files;

    expect(file?.content).toContain(long);
    expect(file?.content).toContain(view.digest);
    expect(file?.comment).toContain(view.digest);
  });

  it.each([
    ['a long note', { notes: ['n'.repeat(4000)] }],
    ['hundreds of notes', { notes: Array.from({ length: 400 }, (_, index) => `file ${index} changes too`) }],
    ['a long way to undo it', { undo: 'u'.repeat(5000) }],
    ['one endless line', { diff: `+${'y'.repeat(20_000)}` }],
  ])('goes into the file because of %s', (_name, preview) => {
    const rendered = render(planViewOf(preview));

    expect(rendered.files).toHaveLength(1);
    expect(buttonsOf(rendered.blocks)).toEqual([]);
  });
});

describe('a plan that cannot be trusted', () => {
  const intact = planViewOf();
  const body = JSON.parse(intact.canonical) as { [key: string]: Json };
  const rehashed = (changed: Json): PlanView => ({
    ...intact,
    canonical: canonicalJson(changed),
    digest: sha256(canonicalJson(changed)),
  });

  it.each<[string, PlanView]>([
    ['one changed byte', { ...intact, canonical: intact.canonical.replace('24', '25') }],
    ['another digest', { ...intact, digest: 'f'.repeat(64) }],
    [
      'another order of its fields',
      { ...intact, canonical: JSON.stringify(body, Object.keys(body).reverse()) },
    ],
    ['added white space', { ...intact, canonical: `${intact.canonical} ` }],
    ['text that is not JSON', { ...intact, canonical: '{' }],
    ['the text of another plan', { ...intact, planId: 'plan-2' }],
    ['a field that the card does not show', rehashed({ ...body, alsoRun: 'rm -rf' })],
    ['an unknown version', rehashed({ ...body, version: 2 })],
    ['no remedy', rehashed({ ...body, remedies: [] })],
  ])('has no buttons and says that it cannot be approved: %s', (_name, view) => {
    const rendered = render(view, true);

    expect(buttonsOf(rendered.blocks)).toEqual([]);
    expect(rendered.text).toContain('cannot be approved');
    expect(checkBlocks(rendered.blocks, 'message')).toEqual({ problems: [] });
  });
});

describe('what the eye would miss', () => {
  it('writes bidirectional and zero-width characters out', () => {
    const rendered = render(planViewOf({ diff: '+if (admin\u202e \u2066// check\u2069\u200b)' }));

    expect(shown(rendered)).toContain('⟨U+202E⟩ ⟨U+2066⟩// check⟨U+2069⟩⟨U+200B⟩');
    expect(shown(rendered)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
  });

  it('counts spaces that would push text out of sight', () => {
    expect(shown(render(planViewOf({ diff: `+ok${' '.repeat(5000)}; steal()` })))).toContain(
      '+ok⟨5000 spaces⟩; steal()',
    );
  });

  it('keeps backticks in a diff from ending the code', () => {
    const rendered = render(planViewOf({ diff: '+```\n+*Approved*' }));

    expect(rendered.blocks.find((block) => block.type === 'rich_text')).toMatchObject({
      elements: [{ elements: [{ type: 'text', text: '+```\n+*Approved*' }] }],
    });
  });
});

describe('after the decision', () => {
  it('shows what ran, but not what never did', () => {
    const ran = render(planViewOf({}, { state: 'verified' }));
    const refused = render(planViewOf({}, { state: 'rejected' }));

    expect(shown(ran)).toContain('sessionHours');
    expect(shown(refused)).not.toContain('sessionHours');
  });

  it('attaches no file any more', () => {
    expect(render(planViewOf({ diff: '+x\n'.repeat(700) }, { state: 'verified' })).files).toEqual([]);
  });
});
