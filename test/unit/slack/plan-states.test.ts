import type { Button, KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '../../../demo/local-slack/block-limits.ts';
import type { PlanState } from '../../../src/domain/plan.ts';
import type { PlanView } from '../../../src/domain/room.ts';
import { renderPlanCard } from '../../../src/slack/blocks/plan-card.ts';
import type { Rendered } from '../../../src/slack/blocks/rendered.ts';
import { refusals } from './sample-refusals.ts';
import { context, links, planViewOf } from './sample-views.ts';

const render = (view: PlanView): Rendered => renderPlanCard(view, links, context);
const shown = (rendered: Rendered): string => JSON.stringify(rendered.blocks);
const card = (change: Partial<PlanView>): Rendered => render(planViewOf({}, change));

function buttonsOf(blocks: readonly KnownBlock[]): string[] {
  return blocks
    .flatMap((block) => (block.type === 'actions' ? (block.elements as Button[]) : []))
    .map((button) => button.text.text);
}

const at = '2026-01-01T10:46:00.000Z';
const given = (
  by: string,
  decision: PlanView['decisions'][number]['decision'],
  reason: string | null = null,
) => ({
  by,
  decision,
  inNameOf: null,
  at,
  reason,
});
const mira = given('U0MIRA', 'approve');
const halted = { by: 'U0AIKO', reason: 'wrong <database>' };

describe('what each state says and offers', () => {
  it.each<[PlanState, Partial<PlanView>, RegExp, string[]]>([
    ['pending', {}, /Proposed fix/, ['Approve', 'Reject', 'Ask']],
    ['pending', { breakGlass: true }, /Proposed fix/, ['Approve', 'Reject', 'Ask', 'Break glass …']],
    ['announced', { runsAt: at }, /Runs by itself at <!date\^1767264360\^\{time_secs\}/, ['Stop', 'Ask']],
    ['announced', { runsAt: null }, /Runs by itself now/, ['Stop', 'Ask']],
    ['approved', { decisions: [mira] }, /Approved.*<@U0MIRA>/, []],
    [
      'rejected',
      { decisions: [given('U0MIRA', 'reject', 'It would undo <the> audit.')] },
      /Rejected.*<@U0MIRA>.*It would undo &lt;the&gt; audit/,
      [],
    ],
    ['expired', {}, /Expired.*Nothing was changed/, []],
    ['expired', { renewable: true }, /Expired.*from the state of things now/, ['Check again']],
    ['void', { renewable: true }, /Withdrawn.*Nothing was changed/, ['Check again']],
    ['executing', { decisions: [mira] }, /Running.*<@U0MIRA>/, []],
    [
      'executing',
      { decisions: [given('policy', 'self-run')], undoable: true },
      /by itself, as the policy/,
      ['Undo …'],
    ],
    ['executed', { decisions: [mira], undoable: true }, /Done.*watching.*<@U0MIRA>/, ['Undo …']],
    ['verified', { decisions: [mira], undoable: true }, /it helped.*<@U0MIRA>/, ['Undo …']],
    ['verified', { decisions: [mira] }, /it helped.*<@U0MIRA>/, []],
    ['unverified', { decisions: [mira], undoable: true }, /could not be measured/, ['Undo …']],
    ['undoing', { decisions: [mira], undoable: true }, /Being undone/, []],
    ['rolled-back', { decisions: [mira] }, /Rolled back.*<@U0MIRA>/, []],
    ['failed', { decisions: [mira] }, /Failed.*<@U0MIRA>/, []],
    [
      'executing',
      { decisions: [given('U0MIRA', 'break-glass', 'Nobody on call answers since three.')] },
      /glass broken by <@U0MIRA>.*> Nobody on call answers/,
      [],
    ],
  ])('%s %j', (state, change, sentence, buttons) => {
    const progress = ['Pull request #7 merged.'];

    const rendered = card({ state, progress, ...change });

    expect(shown(rendered)).toMatch(sentence);
    expect(buttonsOf(rendered.blocks)).toEqual(buttons);
    if (state !== 'pending') expect(shown(rendered)).toContain('› Pull request #7 merged.');
    expect(checkBlocks(rendered.blocks, 'message')).toEqual({ problems: [] });
  });

  it('shows what ran, but not what never did', () => {
    expect(shown(card({ state: 'verified' }))).toContain('sessionHours');
    expect(shown(card({ state: 'announced' }))).toContain('sessionHours');
    expect(shown(card({ state: 'rejected' }))).not.toContain('sessionHours');
  });
});

describe('while everything is halted', () => {
  it.each<[PlanState, string[]]>([
    ['pending', ['Reject', 'Ask']],
    ['announced', ['Stop', 'Ask']],
    ['verified', []],
    ['expired', []],
  ])('a plan that is %s keeps only what changes nothing', (state, buttons) => {
    const rendered = card({ state, halted, undoable: true, renewable: true, breakGlass: true });

    expect(shown(rendered)).toContain('*Everything is halted* by <@U0AIKO>: wrong &lt;database&gt;');
    expect(buttonsOf(rendered.blocks)).toEqual(buttons);
  });

  it('says nothing of it on a card that is over', () => {
    expect(shown(card({ state: 'rejected', halted }))).not.toContain('halted');
  });
});

describe('a plan that needs two people', () => {
  const high = { risk: { class: 'high', reasons: ['cannot be undone'] } } as const;
  const two = (change: Partial<PlanView>): Rendered => render(planViewOf({}, { needed: 2, ...change }, high));

  it('says so before anybody clicked, and that the first click runs nothing', () => {
    const rendered = two({});

    expect(shown(rendered)).toContain('*0 of 2 approvals*. 2 different people must approve');
    expect(shown(rendered)).toContain('It runs once enough people have approved.');
    expect(shown(rendered)).not.toContain('Approve and run');
  });

  it('names the first, and keeps its buttons', () => {
    const rendered = two({ decisions: [mira] });

    expect(shown(rendered)).toMatch(/\*1 of 2 approvals\*: <@U0MIRA> at .* One more person must approve/);
    expect(buttonsOf(rendered.blocks)).toContain('Approve');
  });

  it('counts a person and who lent them their voice as one', () => {
    const lent = { ...given('U0JONAS', 'approve'), inNameOf: 'U0MIRA' };

    const rendered = two({ decisions: [mira, lent] });

    expect(shown(rendered)).toMatch(/\*1 of 2 approvals\*: <@U0MIRA> at .*, <@U0JONAS> for <@U0MIRA> at/);
  });
});

describe('what the approver should know besides', () => {
  it('says who asked for it, that it rests on public text, and why it waits', () => {
    const view = planViewOf(
      {},
      { whyAsked: 'a person asked for it' },
      { tainted: true, requestedBy: ['U0JONAS'], history: ['Rejected <yesterday>: too wide'] },
    );

    const text = shown(render(view));

    expect(text).toContain('Asked for by <@U0JONAS>: somebody else must approve.');
    expect(text).toContain('text that the public can write');
    expect(text).toContain('waits for a person because a person asked for it');
    expect(text).toContain('Said of this fix before: Rejected &lt;yesterday&gt;: too wide');
  });

  it('shows what was measured before and after side by side', () => {
    const measured = {
      what: 'EXPLAIN ANALYZE, on a copy',
      before: 'Seq Scan\n1,204 ms',
      after: '`Index` Scan 0.4 ms',
    };

    const block = render(planViewOf({ measured })).blocks.find((one) => one.type === 'section' && one.fields);

    expect(block).toMatchObject({
      fields: [{ text: '*Before*\n```Seq Scan\n1,204 ms```' }, { text: '*After*\n`Index` Scan 0.4 ms' }],
    });
  });

  it('puts a measurement too long for its column into the file', () => {
    const measured = { what: 'test', before: 'x'.repeat(2500), after: '' };

    const rendered = render(planViewOf({ measured }));

    expect(rendered.files[0]?.content).toContain('x'.repeat(2500));
    expect(buttonsOf(rendered.blocks)).toEqual([]);
  });

  it('numbers several steps and says that it stops at the first that fails', () => {
    const [first] = (JSON.parse(planViewOf().canonical) as { remedies: [never] }).remedies;
    const second = {
      kind: 'flush-cache',
      service: 'catalog',
      params: { pattern: 'product:*' },
      pins: {},
      preview: { summary: 'Flush 4,200 keys', diff: '', measured: null, notes: [], undo: 'Warm it up.' },
    } as const;

    const rendered = render(planViewOf({}, {}, { remedies: [first, second] }));

    expect(shown(rendered)).toContain('*2 steps*, in this order; it stops at the first that fails.');
    expect(shown(rendered)).toMatch(/\*1\.\* {2}\*Revert 4f2a9c1.*\*2\.\* {2}\*Flush 4,200 keys\*/);
    expect(rendered.text).toContain('and 1 more step');
  });

  it.each(refusals)('names whose click did not count and why: %s', (refusal) => {
    const text = shown(card({ refused: [{ by: 'U0TOMAS', refusal, at }] }));

    expect(text).toMatch(/Did not count: <@U0TOMAS> [a-z]/);
  });

  it('names the latest three only', () => {
    const refused = ['U01', 'U02', 'U03', 'U04'].map(
      (by) => ({ by, refusal: 'not-an-approver', at }) as const,
    );

    const text = shown(card({ refused }));

    expect(text).not.toContain('<@U01>');
    expect(text).toContain('<@U02> may not decide here; <@U03> may not decide here; <@U04>');
  });
});

describe('a change that nobody can be shown', () => {
  it.each([
    ['a megabyte long', `+${'x'.repeat(1_100_000)}`],
    ['binary', 'diff --git a/logo.png b/logo.png\nGIT binary patch\nliteral 12\n'],
  ])('has neither buttons nor a file: %s', (_name, diff) => {
    for (const state of ['pending', 'announced'] as const) {
      const rendered = render(planViewOf({ diff }, { state }));

      expect(buttonsOf(rendered.blocks)).toEqual([]);
      expect(rendered.files).toEqual([]);
      expect(rendered.shown).toBe(false);
      expect(rendered.text).toContain('cannot be approved');
    }
  });
});
