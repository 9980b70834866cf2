import { describe, expect, it } from 'vitest';
import { channelNameFor } from '../../../src/domain/incident.ts';

const day = new Date('2026-11-22T10:00:00Z');

describe('the channel name', () => {
  it('is the same for the same incident', () => {
    expect(channelNameFor('01hz000000abcde', 'P99 latency > 1 s!', day)).toBe(
      'inc-20261122-p99-latency-1-s-abcde',
    );
  });

  it('keeps to what Slack takes, whatever the title', () => {
    for (const title of ['', '💥💥', 'x'.repeat(500), '---', 'Über-Dienst Größe', `${'a'.repeat(39)}---b`]) {
      expect(channelNameFor('01hz000000abcde', title, day)).toMatch(/^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$/);
    }
  });
});
