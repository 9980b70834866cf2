import { describe, expect, it } from 'vitest';
import { evidencePage } from '../../../src/http/pages/evidence-page.ts';
import { escapeHtml } from '../../../src/http/pages/html.ts';
import { incidentPage } from '../../../src/http/pages/incident-page.ts';
import type { Reply } from '../../../src/http/route.ts';
import type { Json } from '../../../src/platform/canonical-json.ts';
import { createLinks } from '../../../src/platform/signed-links.ts';
import { anAppliedStep } from '../../support/builders.ts';
import { evidenceSamples, sampleEvidence, sampleIncidentFile } from '../../support/incident-file.ts';

const links = createLinks('https://warroom.example', 'secret of these tests');
const file = sampleIncidentFile();

function textOf(reply: Reply): string {
  return String(reply.body);
}

function pageOf(data: Json): string {
  const [sample] = sampleEvidence();
  if (sample === undefined) throw new Error('no sample');
  return textOf(evidencePage(file.incident, { ...sample, data }, links));
}

describe('a page', () => {
  it('may run nothing, load nothing and tell nobody its address', () => {
    const { headers, body } = incidentPage(file, links);

    const policy = headers?.['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('script-src');
    expect(headers?.['referrer-policy']).toBe('no-referrer');
    expect(String(body)).not.toMatch(/<script|<img|<link|<iframe| on[a-z]+=| style="/);
  });

  it.each(Object.entries(evidenceSamples))(
    'of %s shows hostile text as text, wherever it stands',
    (_kind, data) => {
      const hostile = '</pre></title><script>alert(1)</script><img src=x onerror=alert(1)>"\'&';
      const poison = (value: Json): Json => {
        if (typeof value === 'string') return `${value}${hostile}`;
        if (Array.isArray(value)) return (value as Json[]).map(poison);
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, poison(one)]));
      };

      const page = pageOf(poison(data));

      expect(page).not.toMatch(/<script|<img/);
      expect(page).toContain('&lt;script&gt;');
    },
  );

  it('shows characters that turn the reading direction as what they are', () => {
    expect(escapeHtml('safe\u202Etxt.exe')).toBe('safe[U+202E]txt.exe');
  });
});

describe('the incident page', () => {
  const page = textOf(incidentPage(file, links));

  it('tells cause, plan, decision and result', () => {
    for (const text of [
      'confirmed',
      'Shorten leases so that a dead worker frees its entry sooner',
      'U024BE7LH',
      '0.1354',
      '0.0041',
      'hash chain holds',
      'over after <b>5 min 5 s</b>',
    ])
      expect(page).toContain(text);
  });

  it('links every piece of evidence by its signed address', () => {
    for (const { number } of file.evidence)
      expect(page).toContain(`href="${links.evidence(file.incident.id, number)}"`);
  });

  it('says when the timeline was changed behind its back', () => {
    const timeline = file.timeline.map((entry) =>
      entry.seq === 2 ? { ...entry, text: 'Nothing happened.' } : entry,
    );

    expect(textOf(incidentPage({ ...file, timeline }, links))).toContain('hash chain broken at entry 2');
  });

  it('links no receipt that could run something', () => {
    const executions = file.executions.map((one) => ({
      ...one,
      steps: [anAppliedStep({ receipt: { summary: 'x', url: 'javascript:alert(1)', data: {} } })],
    }));

    expect(textOf(incidentPage({ ...file, executions }, links))).not.toContain('javascript:');
  });

  it('of an incident that just opened has no empty sections', () => {
    const young = {
      ...file,
      findings: [],
      investigations: [],
      evidence: [],
      rootCause: null,
      plans: [],
      approvals: [],
      executions: [],
      timeline: [],
    };

    const sections = [...textOf(incidentPage(young, links)).matchAll(/<h2>([^<]+)/g)].map(
      (match) => match[1],
    );
    expect(sections).toEqual(['Alerts']);
  });
});

describe('the evidence page', () => {
  it('draws a series with its gaps and the onset', () => {
    const page = pageOf(evidenceSamples['metric'] ?? null);

    expect(page).toContain('class="onset"');
    expect(page.match(/<path class="c\d"/g)).toHaveLength(2);
    const gappy = /<path class="c1" d="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(gappy.match(/M/g)?.length).toBeGreaterThan(1);
  });

  it('gives series of different size a chart each', () => {
    const times = [1, 2, 3];
    const page = pageOf({
      series: [
        { name: 'ratio', times, values: [0.1, 0.2, 0.1] },
        { name: 'bytes', times, values: [1e9, 2e9, 1e9] },
      ],
    });

    expect(page.match(/<svg class="chart"/g)).toHaveLength(2);
  });

  it.each<[string, Json]>([
    ['without values', { series: [{ name: 'x', times: [1, 2], values: [null, null] }] }],
    ['of one point', { series: [{ name: 'x', times: [1], values: [5] }] }],
    ['that is flat', { series: [{ name: 'x', times: [1, 2], values: [0, 0] }] }],
    ['below zero', { series: [{ name: 'x', times: [1, 2], values: [-5, -1] }], onset: 'never' }],
    ['with fewer values than times', { series: [{ times: [1, 2, 3], values: [1] }] }],
    ['of extreme numbers', { series: [{ name: 'x', times: [1, 2], values: [1e-300, 1.7e308] }] }],
    ['of none', { series: [] }],
    [
      'with times beyond all calendars',
      { series: [{ name: 'x', times: [9e15, 9e16], values: [1, 2] }], onset: 9e15 },
    ],
  ])('survives a series %s', (_what, data) => {
    const page = pageOf(data);

    expect(page).toContain('</html>');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('nests spans under who called them, even when they form a circle', () => {
    const page = pageOf(evidenceSamples['trace'] ?? null);
    expect(
      [...page.matchAll(/class="head d(\d)"><b>(\w+)/g)].map(([, depth, service]) => `${depth} ${service}`),
    ).toEqual(['0 gateway', '1 ledger', '2 leases', '2 ledger']);

    const one = { service: 's', startUs: 1, durationUs: 1 };
    const circle = pageOf({
      spans: [
        { ...one, spanId: 'a', parentId: 'b' },
        { ...one, spanId: 'b', parentId: 'a' },
        { ...one, spanId: 'c', parentId: 'c' },
      ],
    });
    expect(circle.match(/<b>s<\/b>/g)).toHaveLength(3);
  });

  it('colours what a diff adds and takes away', () => {
    const page = pageOf(evidenceSamples['change'] ?? null);

    expect(page).toContain('<span class="del">-  &quot;seconds&quot;: 3600,</span>');
    expect(page).toContain('<span class="add">+  &quot;seconds&quot;: 30,</span>');
  });

  it.each<[string, Json]>([
    ['nothing', {}],
    ['a number', 7],
    ['null', null],
    ['a list', [1, [2], { a: null }]],
    ['members of the wrong kind', { series: 'x', spans: [1], lines: {}, commit: 'abc', output: 3 }],
  ])('shows %s as well as it can', (_what, data) => {
    expect(pageOf(data)).toContain('</html>');
  });
});
