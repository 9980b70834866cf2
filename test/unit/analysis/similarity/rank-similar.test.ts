import { describe, expect, it } from 'vitest';
import { type Candidate, rankSimilar, rarity } from '../../../../src/analysis/similarity/rank-similar.ts';
import { featuresOf } from '../../../../src/analysis/similarity/shape-features.ts';
import { type IncidentShape, type SimilarIncident, shapeless } from '../../../../src/domain/past-incident.ts';

const asked: IncidentShape = {
  ...shapeless,
  services: ['orders', 'users'],
  blamed: 'users',
  alerts: ['HighErrorRatio'],
  symptoms: ['rejections'],
  logs: ['verify failed: jwt expired at <*>', 'request took <*> ms'],
  errors: ['TokenExpiredError'],
};

describe('ranking past incidents', () => {
  it('puts the same place with the same trace before the same words elsewhere', () => {
    const same = aCandidate('same', { blamed: 'users', errors: ['TokenExpiredError'], logs: asked.logs });
    const elsewhere = aCandidate('elsewhere', { ...asked, blamed: 'mail', services: ['mail'] });
    const otherCause = aCandidate('other-cause', {
      blamed: 'users',
      alerts: asked.alerts,
      symptoms: ['latency'],
    });

    const hits = rank([otherCause, elsewhere, same]);

    expect(hits.map((hit) => hit.incidentId)).toEqual(['same', 'elsewhere', 'other-cause']);
    expect(hits[0]).toMatchObject({ likeness: 'strong' });
    expect(hits[0]?.why).toEqual([
      'same log line “verify failed: jwt expired at …”',
      'same service (users)',
      'same error TokenExpiredError',
      'same log line “request took … ms”',
    ]);
  });

  it('gives the same list whatever the order of the candidates', () => {
    const candidates = ['a', 'b', 'c', 'd'].map((id) =>
      aCandidate(id, { blamed: 'users', errors: ['TokenExpiredError'] }),
    );

    expect(rank(candidates.toReversed())).toEqual(rank(candidates));
  });

  it('takes a line of another version of the program for the same, and says less for it', () => {
    const exact = aCandidate('exact', { blamed: 'users', logs: asked.logs });
    const reworded = aCandidate('reworded', {
      blamed: 'users',
      logs: ['token verify failed: jwt has expired at <*>'],
    });
    const different = aCandidate('different', { blamed: 'users', logs: ['pool exhausted after <*> ms'] });

    const [first, second, third] = rank([different, reworded, exact]);

    expect([first?.incidentId, second?.incidentId, third?.incidentId]).toEqual([
      'exact',
      'reworded',
      'different',
    ]);
    expect(second?.score).toBeLessThan(first?.score ?? 0);
  });

  it('is never sure of what is common: neither a line that everybody logs nor a service alone', () => {
    const noisy = aCandidate('noisy', { ...asked, errors: [], logs: ['request took <*> ms'] });
    const everywhere = new Map(featuresOf(asked).map((feature) => [feature.key, 300]));

    expect(rank([noisy], everywhere)[0]?.likeness).toBe('fair');
  });

  it('is not sure while something that came to another end is nearly as like', () => {
    const shape = { blamed: 'users', logs: asked.logs, errors: asked.errors };
    const reverted = aCandidate('reverted', { ...shape, settings: ['token.ttl'] });
    const again = aCandidate('again', { ...shape, settings: ['token.ttl'] });
    const rotated = aCandidate('rotated', { ...shape, settings: ['signing_key'] });

    expect(rank([reverted, again]).map((hit) => hit.likeness)).toEqual(['strong', 'strong']);
    expect(rank([reverted, rotated]).map((hit) => hit.likeness)).not.toContain('strong');
  });

  it('leaves out what does not resemble, and the incident itself', () => {
    const itself = aCandidate('itself', asked);
    const other = aCandidate('other', { blamed: 'mail', errors: ['EMFILE'] });

    expect(rank([itself, other])).toEqual([]);
  });

  it('compares by words alone where a past incident has no shape, and is then not sure', () => {
    const draft: Candidate = {
      ...aCandidate('draft', {}),
      shape: null,
      terms: ['jwt', 'expired'],
      trigrams: 0.6,
    };

    expect(rank([draft])[0]).toMatchObject({ incidentId: 'draft', parts: { shape: null, words: 1 } });
    expect(rank([draft])[0]?.likeness).not.toBe('strong');
  });

  it('holds a word for telling while few are known, and for nothing when all have it', () => {
    expect(rarity(1, 1)).toBeGreaterThan(0.7);
    expect(rarity(10_000, 10_000)).toBeLessThan(0.02);
  });
});

function rank(candidates: readonly Candidate[], counts?: ReadonlyMap<string, number>): SimilarIncident[] {
  const of = new Map([
    ...featuresOf(asked).map((feature) => [feature.key, 2] as const),
    ['jwt', 2] as const,
    ['expired', 2] as const,
    ['log:request took ms', 120] as const,
    ...(counts ?? []),
  ]);
  const query = { text: 'jwt expired', shape: asked, exclude: 'itself' };
  return rankSimilar(query, ['jwt', 'expired'], candidates, { entries: 300, of }, 10);
}

function aCandidate(incidentId: string, shape: Partial<IncidentShape>): Candidate {
  return {
    incidentId,
    title: incidentId,
    at: new Date(0),
    lesson: null,
    shape: { ...shapeless, ...shape },
    terms: [],
    trigrams: null,
  };
}
