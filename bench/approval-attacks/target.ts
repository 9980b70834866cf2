import {
  type PlannedRemedy,
  type ProposedRemedy,
  type RemedyPreview,
  remedyKinds,
} from '../../src/domain/plan.ts';
import type { RiskFacts } from '../../src/domain/risk.ts';
import type { Json } from '../../src/platform/canonical-json.ts';
import type { Remedy, RemedyRegistry } from '../../src/ports/remedy.ts';
import type { Ledger } from './ledger.ts';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** What a wish calls itself. */
export const nameOf = (params: ProposedRemedy['params']): string => textOf(params['name']);

/** What the next preview of a wish says. */
export interface Shape {
  readonly facts?: Partial<RiskFacts>;
  readonly preview?: Partial<RemedyPreview>;
  readonly pins?: PlannedRemedy['pins'];
}

export interface Target {
  readonly remedies: RemedyRegistry;
  /** By the wish's own `name`. */
  readonly shapes: Map<string, Shape>;
  /** Names of wishes whose base has moved since their preview. */
  readonly moved: Set<string>;
}

/**
 * Stands for everything that can be acted on. It does what it is told and counts, without a look of its own: every guard
 * that it would add to those of the flow would hide one of them.
 */
export function createTarget(ledger: Ledger): Target {
  const shapes = new Map<string, Shape>();
  const moved = new Set<string>();

  const remedyOf = (kind: Remedy['kind']): Remedy => ({
    kind,
    targets: (service, params) => [`target ${service.name} ${nameOf(params)}`],
    async preview(service, params) {
      const { facts, preview, pins } = shapes.get(nameOf(params)) ?? {};
      return {
        possible: true,
        planned: {
          kind,
          service: service.name,
          params,
          pins: pins ?? { base: 'b'.repeat(40) },
          preview: {
            summary: `Change ${nameOf(params)}`,
            diff: '--- a/limit\n+++ b/limit\n-1\n+24\n',
            measured: null,
            notes: [],
            undo: 'Change it back.',
            ...preview,
          },
        },
        facts: { base: 'medium', reasons: ['changes a limit'], reversible: 'exact', ...facts },
      };
    },
    whyStale: async (_service, planned) => (moved.has(nameOf(planned.params)) ? 'the base moved.' : null),
    inverse: async () => ({ back: true }),
    async apply(_service, planned, context) {
      ledger.record({ planId: context.planId, what: 'do', planned });
      return {
        applied: true,
        receipt: { summary: 'Changed.', url: null, data: { planned: JSON.stringify(planned) } },
      };
    },
    verify: async () => ({ state: 'unknown', text: 'Nobody looked.' }),
    async undo(_service, _inverse, receipt, context) {
      const planned = JSON.parse(textOf(receipt.data['planned'])) as PlannedRemedy;
      ledger.record({ planId: context.planId, what: 'undo', planned });
      return { applied: true, receipt: { summary: 'Changed back.', url: null, data: {} } };
    },
  });
  const remedies = Object.fromEntries(remedyKinds.map((kind) => [kind, remedyOf(kind)])) as RemedyRegistry;
  return { remedies, shapes, moved };
}
