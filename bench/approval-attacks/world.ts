import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from '../../src/domain/approval.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import type { Directory } from '../../src/ports/directory.ts';

/** Who is who in every scene, unless the scene changes it. */
export const who = {
  ana: 'UANA0001',
  bea: 'UBEA0001',
  /** On call. */
  dot: 'UDOT0001',
  /** Fallback approver. */
  leo: 'ULEO0001',
  /** May break the glass. */
  gil: 'UGIL0001',
  /** May lift a halt. */
  max: 'UMAX0001',
  /** A member without any right. */
  sam: 'USAM0001',
  tom: 'UTOM0001',
  /** Approver of another service. */
  eva: 'UEVA0001',
} as const;

/** The workspace as it really is: what the product has to ask at each click. */
export class World implements Directory {
  readonly kinds = new Map<string, Person['kind']>(Object.values(who).map((id) => [id, 'member']));
  readonly groups = new Map<string, string[]>([
    ['@owners', [who.ana, who.bea]],
    ['@duty', [who.dot]],
    ['@leads', [who.leo]],
    ['@glass', [who.gil]],
    ['@lifters', [who.max]],
    ['@others', [who.eva]],
  ]);
  failure: 'none' | 'down' | 'groups-down' | 'people-down' | 'slow' = 'none';

  async person(id: string, signal: AbortSignal): Promise<Person> {
    await this.#reach(signal, 'people-down');
    // What the real directory says of an id that Slack does not know.
    return { id, name: id, kind: this.kinds.get(id) ?? 'external' };
  }

  async members(refs: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    await this.#reach(signal, 'groups-down');
    return new Set(refs.flatMap((ref) => (ref.startsWith('U') ? [ref] : (this.groups.get(ref) ?? []))));
  }

  async #reach(signal: AbortSignal, part: 'groups-down' | 'people-down'): Promise<void> {
    if (this.failure === 'slow') await sleep(60_000, undefined, { signal });
    if (this.failure === 'down' || this.failure === part) {
      throw new SourceUnreachable('Slack does not say who people are.', 'Wait.');
    }
  }
}
