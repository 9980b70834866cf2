import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packOutput } from '../../../src/store/pack-output.ts';

describe('the whole output of a tool', () => {
  const seen = { summary: 'Two lines.', output: 'one\ntwo' };

  it('is kept beside its row while the incident has room', async () => {
    const { body, summary } = await packOutput(seen, async () => 19_999_000);

    expect(gunzipSync(body ?? '').toString()).toBe(seen.output);
    expect(summary).toBe('Two lines.');
  });

  it('is not kept beyond, and the row says so', async () => {
    expect(await packOutput(seen, async () => 20_000_000)).toEqual({
      body: null,
      summary: expect.stringMatching(/^Two lines\. Only what is shown here is kept/),
    });
  });
});
