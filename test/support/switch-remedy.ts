import { type PlannedRemedy, type ProposedRemedy, remedyKinds } from '../../src/domain/plan.ts';
import type { RiskFacts } from '../../src/domain/risk.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import type { Remedy, RemedyContext, RemedyRegistry } from '../../src/ports/remedy.ts';

/** A remedy that keeps a switch a step; it counts how often it really acted. */
export class SwitchRemedy implements Remedy {
  readonly kind = 'revert-commit' as const;
  /** Effects that stand, by plan and step. */
  readonly standing = new Set<string>();
  /** What was done and undone, in order, by the step's own name. */
  readonly acts: string[] = [];
  base = 'b'.repeat(40);
  /** Set to fail the next apply after its effect, as a lost reply does. */
  loseReply = false;
  /** Throws in place of acting, for the step of this name. */
  readonly broken = new Map<string, Error>();
  facts: RiskFacts = { base: 'medium', reasons: ['changes code'], reversible: 'exact' };
  check: Awaited<ReturnType<Remedy['verify']>> = { state: 'holds', text: 'The switch is on.' };
  beforePreview = async (): Promise<void> => undefined;
  /** What the effect does to the world. */
  onApply: () => void | Promise<void> = () => undefined;

  get on(): boolean {
    return this.standing.size > 0;
  }
  get applied(): number {
    return this.acts.filter((act) => act.startsWith('do ')).length;
  }
  get undone(): number {
    return this.acts.filter((act) => act.startsWith('undo ')).length;
  }

  targets(service: { name: string }, params: ProposedRemedy['params']): string[] {
    return [`switch ${service.name} ${nameOf(params)}`];
  }

  async preview(service: { name: string }, params: ProposedRemedy['params']): ReturnType<Remedy['preview']> {
    await this.beforePreview();
    return {
      possible: true,
      planned: {
        kind: 'revert-commit',
        service: service.name,
        params,
        pins: { base: this.base },
        preview: {
          summary: `Revert ${nameOf(params)} in ${service.name}`,
          diff: '-1\n+24\n',
          measured: null,
          notes: [],
          undo: 'Revert the revert.',
        },
      },
      facts: this.facts,
    };
  }

  async whyStale(_service: unknown, planned: PlannedRemedy): Promise<string | null> {
    return planned.pins['base'] === this.base ? null : 'the base moved.';
  }

  async inverse(_service: unknown, planned: PlannedRemedy) {
    return { undoes: nameOf(planned.params) };
  }

  async apply(
    _service: unknown,
    planned: PlannedRemedy,
    context: RemedyContext,
  ): ReturnType<Remedy['apply']> {
    const name = nameOf(planned.params);
    const effect = `${context.digest} ${name}`;
    if (!this.standing.has(effect)) {
      const problem = this.broken.get(name);
      if (problem !== undefined) throw problem;
      if (planned.pins['base'] !== this.base) return { applied: false, reason: 'the base moved.' };
      this.standing.add(effect);
      this.acts.push(`do ${name}`);
      await this.onApply();
    }
    if (this.loseReply) {
      this.loseReply = false;
      throw new SourceUnreachable('The reply was lost.', 'Try again.');
    }
    return {
      applied: true,
      receipt: { summary: 'Merged.', url: 'https://host.example/pull/1', data: { name } },
    };
  }

  async verify(): ReturnType<Remedy['verify']> {
    return this.check;
  }

  async undo(
    _service: unknown,
    _inverse: unknown,
    receipt: { data: { readonly [key: string]: unknown } },
    context: RemedyContext,
  ): ReturnType<Remedy['undo']> {
    const name = String(receipt.data['name']);
    const problem = this.broken.get(`undo ${name}`);
    if (problem !== undefined) return { applied: false, reason: problem.message };
    if (this.standing.delete(`${context.digest} ${name}`)) this.acts.push(`undo ${name}`);
    return { applied: true, receipt: { summary: 'Undone.', url: null, data: {} } };
  }
}

/** What a step is called in `acts` and `broken`. */
export function nameOf(params: ProposedRemedy['params']): string {
  const name = params['name'] ?? params['commit'];
  return typeof name === 'string' ? name.slice(0, 7) : 'switch';
}

/** Every kind does what the one switch does; the kind stays what was asked for. */
export function registryOf(remedy: SwitchRemedy): RemedyRegistry {
  const kinds = remedyKinds.map((kind) => {
    const own: Remedy = Object.create(remedy, { kind: { value: kind } });
    own.preview = async (service, params, signal) => {
      const seen = await remedy.preview(service, params);
      signal.throwIfAborted();
      return seen.possible ? { ...seen, planned: { ...seen.planned, kind } } : seen;
    };
    return [kind, own];
  });
  return Object.fromEntries(kinds) as RemedyRegistry;
}
