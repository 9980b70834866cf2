import { describe, expect, it } from 'vitest';
import { createKnownSecrets } from '../../../src/platform/known-secrets.ts';
import type { Rows } from '../../../src/ports/record.ts';
import { maskRows } from '../../../src/store/mask-rows.ts';

const token = 'vx9-Quite+Secret/77=';

/** Rows that keep what reaches them; `masked` is what the flow writes to. */
function openMasked(): { masked: Rows; kept: unknown[][] } {
  const kept: unknown[][] = [];
  const table = new Proxy(
    {},
    {
      get:
        () =>
        (...given: unknown[]) =>
          kept.push(given),
      ownKeys: () => [],
    },
  );
  const rows = new Proxy({}, { get: () => table }) as Rows;
  const secrets = createKnownSecrets();
  secrets.learn(token);
  return { masked: maskRows(rows, secrets), kept };
}

describe('a secret of our own on its way into the record', () => {
  it('is masked in what an agent asks a model, whose limit is still asked', async () => {
    const { masked, kept } = openMasked();
    const mayAsk = () => true;
    await masked.conversations.ask(
      'c',
      {
        number: 1,
        said: [{ type: 'text', text: `the key is ${token}` }],
        purposes: [`why ${token}`],
        steers: [],
        shed: 0,
        elapsedMs: 0,
        counts: { tokens: 1, dollars: 0 },
      },
      mayAsk,
    );

    expect(JSON.stringify(kept)).not.toContain(token);
    expect(kept).toMatchObject([
      ['c', { said: [{ text: 'the key is [masked]' }], purposes: ['why [masked]'] }, mayAsk],
    ]);
  });

  it('is masked in what a colleague says in the thread', async () => {
    const { masked, kept } = openMasked();
    await masked.steers.ensure({
      id: 's',
      incidentId: 'i',
      investigationId: 'n',
      userId: 'U1',
      text: `try ${token}`,
      at: new Date(0),
    });

    expect(kept).toMatchObject([[{ text: 'try [masked]', userId: 'U1' }]]);
  });
});
