import { beforeAll, describe, expect, it } from 'vitest';
import {
  type IncidentShape,
  type Learned,
  type SimilarQuery,
  shapeless,
} from '../../src/domain/past-incident.ts';
import type { Record } from '../../src/ports/record.ts';
import { noon } from './record-samples.ts';

/** Retrieval over what was learned: by words, parts of words and the shape of the evidence. */
export function describeSimilar(record: () => Record, openIncident: () => Promise<string>): void {
  describe('similar incidents', () => {
    const ids = { token: '', pool: '', leak: '', old: '' };

    beforeAll(async () => {
      const put = async (title: string, learned?: Learned, markdown = ''): Promise<string> => {
        const incidentId = await openIncident();
        await record().knowledge.put(
          { incidentId, title, service: 'user-service', markdown, at: noon },
          learned,
        );
        return incidentId;
      };
      ids.token = await put('Orders are refused', tokenLifetime);
      ids.pool = await put(
        'Orders are slow',
        learnedOf({
          symptoms: 'Timeout acquiring a connection from the pool',
          cause: 'order-service holds connections: pool size 20 → 2',
          shape: {
            blamed: 'order-service',
            symptoms: ['saturation', 'latency'],
            logs: ['pool exhausted after <*> ms'],
          },
        }),
      );
      ids.leak = await put(
        'Invoices stop',
        learnedOf({
          symptoms: 'too many open files',
          cause: 'invoice-service never closes its templates',
          shape: { blamed: 'invoice-service', symptoms: ['descriptor-leak'], errors: ['EMFILE'] },
        }),
      );
      ids.old = await put('Mail is late', undefined, 'The kestrelQueue of the mailer was full.');
    });

    const best = async (query: Partial<SimilarQuery>): Promise<string | undefined> =>
      (await record().knowledge.similar({ text: '', shape: null, exclude: null, ...query }, 5)).hits[0]
        ?.incidentId;

    it.each([
      ['words of an identifier', 'the token has expired'],
      ['the identifier itself', 'TokenExpiredError'],
      ['another form of the word', 'refusing tokens'],
      ['a setting by its parts', 'TOKEN_TTL'],
    ])('are found by %s', async (_, text) => {
      expect(await best({ text })).toBe(ids.token);
    });

    it('are found by a word that is misspelt', async () => {
      expect(await best({ text: 'orders ar refusd' })).toBe(ids.token);
    });

    it('are found by the shape of the evidence, without a word in common', async () => {
      const shape = { ...shapeless, blamed: 'invoice-service', errors: ['EMFILE'] };
      const { hits } = await record().knowledge.similar({ text: 'qqq', shape, exclude: null }, 5);

      expect(hits[0]).toMatchObject({ incidentId: ids.leak, parts: { words: 0 } });
      expect(hits[0]?.why).toContain('same error EMFILE');
    });

    it('come with what was learned, and with the parts of their score', async () => {
      const query = { text: tokenLifetime.symptoms, shape: tokenLifetime.shape, exclude: null };
      const { compared, hits } = await record().knowledge.similar(query, 5);

      expect(compared).toBeGreaterThanOrEqual(4);
      expect(hits[0]).toMatchObject({
        incidentId: ids.token,
        title: 'Orders are refused',
        lesson: tokenLifetime.lesson,
        likeness: 'strong',
      });
      expect(hits[0]?.parts.trigrams).toBeGreaterThan(0.1);
      expect(hits[0]?.why[0]).toBe('same log line “verify failed: jwt expired at …”');
      expect(hits.slice(1).every((hit) => hit.likeness !== 'strong')).toBe(true);
    });

    it('do not include the incident itself, and nothing is similar to nothing', async () => {
      const query = { text: tokenLifetime.symptoms, shape: tokenLifetime.shape };

      expect(await best({ ...query, exclude: ids.token })).not.toBe(ids.token);
      expect(await best({ text: 'zebra crossing violet' })).toBeUndefined();
      expect(await best({ text: "'; drop table knowledge; -- \\ ' & | ! <-> :*" })).toBeUndefined();
    });

    it('are known by their draft until they are learned, and count once whatever is put again', async () => {
      expect(await best({ text: 'kestrel queue' })).toBe(ids.old);
      expect(await record().knowledge.unlearned(50)).toContain(ids.old);

      const entry = { incidentId: ids.old, title: 'Mail is late', service: null, markdown: '', at: noon };
      const learned = learnedOf({
        symptoms: 'ostrichQueue full',
        cause: '',
        shape: { errors: ['QueueFull'] },
      });
      await record().knowledge.put(entry, learned);
      await record().knowledge.put(entry, learned);

      expect(await best({ text: 'ostrich queue' })).toBe(ids.old);
      expect(await best({ text: 'kestrel' })).toBeUndefined();
      expect(await record().knowledge.unlearned(50)).not.toContain(ids.old);
    });
  });
}

function learnedOf(given: { symptoms: string; cause: string; shape: Partial<IncidentShape> }): Learned {
  const shape = { ...shapeless, ...given.shape };
  return {
    symptoms: given.symptoms,
    shape,
    lesson: {
      outcome: 'confirmed',
      service: shape.blamed,
      cause: given.cause,
      commit: null,
      remedies: [],
      resolvedAfterMs: 600_000,
    },
  };
}

const tokenLifetime: Learned = {
  ...learnedOf({
    symptoms: 'order-service refuses POST /orders with 401: TokenExpiredError, jwt expired',
    cause: 'user-service issues tokens that live 60 s: token.ttl 86400 → 60',
    shape: {
      services: ['order-service', 'user-service'],
      blamed: 'user-service',
      alerts: ['HighErrorRatio'],
      symptoms: ['rejections'],
      logs: ['verify failed: jwt expired at <*>'],
      errors: ['TokenExpiredError', '401'],
      settings: ['token.ttl'],
    },
  }),
};
