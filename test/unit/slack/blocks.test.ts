import { describe, expect, it } from 'vitest';
import { checkBlocks } from '../../../demo/local-slack/block-limits.ts';
import type { RoomView } from '../../../src/domain/room.ts';
import { renderView } from '../../../src/slack/blocks/render-view.ts';
import type { Rendered } from '../../../src/slack/blocks/rendered.ts';
import {
  agentView,
  context,
  findingView,
  incidentView,
  links,
  outcomeView,
  planViewOf,
  postmortemView,
  rootCauseView,
} from './sample-views.ts';

const everyView: readonly RoomView[] = [
  incidentView(),
  agentView(),
  findingView(),
  rootCauseView(),
  planViewOf(
    {},
    {
      decisions: [
        {
          by: 'U0MIRA',
          decision: 'approve',
          inNameOf: 'U0JONAS',
          at: '2026-01-01T10:46:00.000Z',
          reason: null,
        },
      ],
      refused: [{ by: 'U0TOMAS', refusal: 'not-an-approver', at: '2026-01-01T10:45:00.000Z' }],
      halted: { by: 'U0AIKO', reason: 'a deploy freeze' },
      whyAsked: 'its risk is medium',
    },
  ),
  outcomeView(),
  postmortemView(),
  { view: 'notice', tone: 'warning', text: 'Docker is away: tests were not run.', by: 'U0MIRA' },
];

const render = (view: RoomView): Rendered => renderView(view, links, context);
const words = (view: RoomView): string => JSON.stringify(render(view).blocks);

/** The same view with every string in it replaced by `text`, but for the fields that name a choice. */
function flood<T>(value: T, text: string): T {
  const choices =
    /^(view|severity|status|role|state|kind|outcome|result|tone|investigator|canonical|digest|decision|refusal|at|.*At)$/;
  const walk = (item: unknown, key: string): unknown => {
    if (typeof item === 'string') return choices.test(key) ? item : text;
    if (Array.isArray(item)) return Array.from({ length: 30 }, () => walk(item[0] ?? text, key));
    if (item === null || typeof item !== 'object') return item;
    return Object.fromEntries(Object.entries(item).map(([name, each]) => [name, walk(each, name)]));
  };
  return walk(value, '') as T;
}

describe.each(everyView.map((view) => [view.view, view] as const))('the %s card', (_name, view) => {
  it('is accepted by Slack’s limits', () => {
    const { text, blocks } = render(view);

    expect(checkBlocks(blocks, 'message')).toEqual({ problems: [] });
    expect(text).not.toBe('');
  });

  it('stays within Slack’s limits when every field is far too long', () => {
    const flooded = flood(view, `<!channel> & ${'x'.repeat(5000)}\nsecond line`);

    expect(checkBlocks(render(flooded).blocks, 'message')).toEqual({ problems: [] });
  });

  it('lets no text from outside notify, link or hide anything', () => {
    const hostile = flood(
      view,
      'a <!channel> <@U0BOSS> <https://evil.test|ok> \u202edesrever\u202c \u200b*x* `y`',
    );

    const { text, blocks } = render(hostile);

    // A markdown or rich text block and plain text take no such sequences: only mrkdwn can be misused.
    const parsed = [text, ...mrkdwnTexts(blocks)].join('\n');
    expect(parsed).not.toMatch(/<!channel>|<@U0BOSS>|<https:\/\/evil/);
    expect(parsed).not.toMatch(/[\u202a-\u202e\u200b]/);
  });

  it('says what is missing when it was cut', () => {
    const flooded = flood(view, Array.from({ length: 400 }, (_, index) => `line ${index}`).join('\n'));

    const shown = JSON.stringify(render(flooded));

    expect(shown.length).toBeLessThan(40_000);
    if (shown.includes('line 399')) return;
    expect(shown).toMatch(/…/);
  });
});

function mrkdwnTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnTexts);
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(mrkdwnTexts);
}

describe('what the cards say', () => {
  it('puts the cause and the fix above the list of alerts', () => {
    const shown = words(incidentView());

    expect(shown.indexOf('Root cause')).toBeLessThan(shown.indexOf('HighErrorRatio'));
    expect(shown.indexOf('*Fix*')).toBeLessThan(shown.indexOf('HighErrorRatio'));
    expect(shown).toContain('1 of 2 alerts firing');
  });

  it('says how long a resolved incident took', () => {
    const shown = words(incidentView({ status: 'resolved', resolvedAt: '2026-01-01T12:00:00.000Z' }));

    expect(shown).toContain('✅ Resolved');
    expect(shown).toContain('after 1 h 17 min');
  });

  it('cites evidence by signed link', () => {
    expect(words(findingView())).toContain(
      '<https://warroom.test/incidents/01hzincident0001/evidence/3?sig=abc|evidence 3>',
    );
  });

  it('shows times in the reader’s own time zone', () => {
    expect(words(incidentView())).toContain(
      '<!date^1767264180^{date_short_pretty} {time}|2026-01-01 10:43 UTC>',
    );
  });

  it('calls an unproven cause unproven and says what to check next', () => {
    const shown = words(
      rootCauseView({
        outcome: 'inconclusive',
        service: null,
        commit: null,
        nextChecks: ['slow queries of the ledger database'],
      }),
    );

    expect(shown).toContain('No root cause proven yet');
    expect(shown).toContain('slow queries of the ledger database');
    expect(shown).toContain('Ruled out');
  });

  it('gives a quiet neighbour one line and no list of steps', () => {
    const shown = words(
      agentView({ role: 'neighbour', state: 'finished', verdict: 'Nothing abnormal in stock.', limits: [] }),
    );

    expect(shown).toContain('Nothing abnormal in stock.');
    expect(shown).not.toContain('log lines');
  });

  it('mentions nobody because of what a sentence quotes', () => {
    const shown = words({
      view: 'notice',
      tone: 'info',
      text: 'Commit "ask user:U0MIRA <@U0MIRA> <!channel>"',
    });

    expect(shown).not.toContain('<@');
    expect(shown).not.toContain('<!');
  });

  it('names who did it beside a sentence, not in it', () => {
    const view = { view: 'notice', tone: 'bad', text: 'Halted <@U0BOSS>', by: 'U0MIRA' } as const;

    expect(render(view).text).toBe('❌ Halted &lt;@U0BOSS&gt; — <@U0MIRA>');
  });

  it('shows what each remedy measured of its own effect', () => {
    expect(words(outcomeView())).toContain('• The merged commit is the head of main.');
  });

  it('says that the alert’s condition is gone instead of showing no number', () => {
    const shown = words(outcomeView());

    expect(shown).toContain('*0.1414*');
    expect(shown).toContain('no longer holds');
  });

  it('shows a postmortem’s own escapes once, and lets nobody mention people in it', () => {
    const shown = words(postmortemView({ markdown: 'p99 &gt; 1 s &amp; <!here> & more' }));

    expect(shown).toContain('p99 &gt; 1 s &amp; &lt;!here> &amp; more');
  });

  it('attaches the whole postmortem and says how much of it is not shown', () => {
    const markdown = Array.from({ length: 2000 }, (_, index) => `- action ${index}`).join('\n');

    const rendered = render(postmortemView({ markdown }));

    expect(rendered.files[0]?.content).toBe(markdown);
    expect(JSON.stringify(rendered.blocks)).toMatch(/\d+ more lines in the attached file/);
  });

  it('an agent’s card says what it thought, how it tried to refute it, and what it cost, in a few lines', () => {
    const card = words(
      agentView({
        state: 'finished',
        investigator: 'claude',
        reasoning: {
          hypotheses: [
            {
              statement: 'Sessions end too early.',
              test: 'Read the commit.',
              verdict: 'supported',
              evidence: [3, 4],
            },
            { statement: 'The pool is full', test: 'Read its gauge.', verdict: 'refuted', evidence: [5] },
            { statement: 'A <!channel> of traffic', test: '', verdict: 'open', evidence: [] },
          ],
          refutation: { tried: 'Looked before the deploy.', evidence: [6], survived: true },
        },
        spent: { turns: 5, tokens: 42_300, cachedPercent: 81, dollars: 0.118, isEstimate: false },
      }),
    );

    expect(card).toContain(
      '*Hypotheses*\\n✓ Sessions end too early: supported (evidence 3, 4)\\n✗ The pool is full: refuted (evidence 5)\\n? A &lt;!channel&gt; of traffic: open\\n*Tried to refute it:* Looked before the deploy – it held (evidence 6)',
    );
    expect(card).toContain('5 turns · 42k tokens, 81 % cached · $0.12');
  });

  it.each([
    [{ dollars: null, isEstimate: true }, 'no price known'],
    [{ dollars: 0.002, isEstimate: false }, 'under $0.01'],
    [{ dollars: 1.5, isEstimate: true }, 'about $1.50'],
  ])('the pinned card has the total of all agents: %o', (change, said) => {
    const spent = { turns: 9, tokens: 1_240_000, cachedPercent: 70, dollars: 0, isEstimate: false };

    expect(words(incidentView({ spent: { ...spent, ...change } }))).toContain(
      `9 turns · 1.2M tokens, 70 % cached · ${said}`,
    );
  });
});
