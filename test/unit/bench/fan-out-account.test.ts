import { describe, expect, it } from 'vitest';
import { accountFor, type WireBody } from '../../../bench/fan-out/account.ts';
import { figuresOf } from '../../../bench/fan-out/fan-out.ts';
import { isRight, type Run } from '../../../bench/fan-out/run-incident.ts';
import { scenarios } from '../../../bench/fan-out/scenarios.ts';

const tools = [{ name: 'look', description: 'x'.repeat(400) }];

function aRequest(service: string, turns: readonly string[], marked = false): WireBody {
  const mark = marked ? { cache_control: { type: 'ephemeral' } } : {};
  return {
    tools,
    system: [{ type: 'text', text: 'You are an engineer.', ...mark }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Source.' },
          { type: 'text', text: `Your service: ${service}.` },
        ],
      },
      ...turns.map((text) => ({ role: 'assistant', content: [{ type: 'text', text, ...mark }] })),
    ],
  };
}

const send = (body: WireBody) => ({ bytes: JSON.stringify(body).length, body });

describe('accountFor', () => {
  it('estimates tokens by the bytes on the wire', () => {
    const sent = [send(aRequest('ledger', [])), send(aRequest('ledger', ['one']))];

    const account = accountFor(sent);

    expect(account).toMatchObject({ requests: 2, conversations: 1 });
    expect(account.inputTokens).toBe(Math.round(sent.reduce((sum, { bytes }) => sum + bytes, 0) / 4));
  });

  it('counts as cached what a request has in common with the one before it, marks aside', () => {
    const first = aRequest('ledger', ['one']);
    const second = aRequest('ledger', ['one', 'two'], true);

    const { cachedTokens } = accountFor([send(first), send(second)]);

    const whole = JSON.stringify([first.tools, first.system, ...first.messages]).length;
    expect(cachedTokens).toBeGreaterThanOrEqual(Math.floor((whole - 1) / 4));
    expect(cachedTokens).toBeLessThanOrEqual(Math.ceil(whole / 4));
  });

  it('takes nothing over from another conversation, and from what changed at its beginning', () => {
    const other = accountFor([send(aRequest('ledger', ['one'])), send(aRequest('mailer', ['one']))]);
    const changed = accountFor([
      send(aRequest('ledger', [])),
      send({ ...aRequest('ledger', []), tools: [{ name: 'another' }] }),
    ]);

    expect(other).toMatchObject({ conversations: 2, cachedTokens: 0 });
    expect(changed.cachedTokens).toBeLessThan(10);
  });
});

describe('isRight', () => {
  const fault = { service: 'ledger', commit: 'abc' };
  const commit = { sha: 'abc', subject: 's', author: 'a' };

  it('needs service and commit', () => {
    expect(isRight({ outcome: 'likely', service: 'ledger', commit }, fault)).toBe(true);
    expect(isRight({ outcome: 'likely', service: 'mailer', commit }, fault)).toBe(false);
    expect(isRight({ outcome: 'likely', service: 'ledger', commit: null }, fault)).toBe(false);
    expect(isRight({ outcome: 'inconclusive', service: 'ledger', commit }, fault)).toBe(false);
  });

  it('blames nobody where nothing is broken', () => {
    const nobody = { service: null, commit: '' };

    expect(isRight({ outcome: 'inconclusive', service: null, commit: null }, nobody)).toBe(true);
    expect(isRight({ outcome: 'likely', service: 'ledger', commit }, nobody)).toBe(false);
  });
});

describe('figuresOf', () => {
  const aRun = (change: Partial<Run>): Run => ({
    right: true,
    outcome: 'confirmed',
    requests: 4,
    conversations: 1,
    inputTokens: 1000,
    cachedTokens: 600,
    seconds: 5,
    ...change,
  });
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error('there is no scenario');

  it('fails where one agent is right and several are not, whatever they cost', () => {
    const worse = figuresOf([{ scenario, several: aRun({ right: false, inputTokens: 1 }), alone: aRun({}) }]);
    const dearer = figuresOf([
      { scenario, several: aRun({ inputTokens: 9000, seconds: 90 }), alone: aRun({}) },
    ]);

    expect(worse.find((one) => one.metric === 'right-cause')).toMatchObject({
      value: 0,
      againstValue: 1,
      ok: false,
    });
    expect(dearer.every((one) => one.ok)).toBe(true);
    expect(dearer.find((one) => one.metric === 'input-tokens')).toMatchObject({ ratio: 9 });
  });
});
