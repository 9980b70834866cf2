import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedRemedy, ProposedRemedy } from '../../src/domain/plan.ts';
import type { RiskFacts } from '../../src/domain/risk.ts';
import type { Service } from '../../src/domain/service.ts';
import { canonicalJson, type Json, sha256 } from '../../src/platform/canonical-json.ts';
import type { Remedy, RemedyContext } from '../../src/ports/remedy.ts';

/** A real target, as it is before the fix, and what the suite may know of it. */
export interface RemedyScene {
  readonly remedy: Remedy;
  readonly service: Service;
  /** What is planned. Its first key is one that no other text may stand for: the target, or the change itself. */
  readonly params: ProposedRemedy['params'];
  /** A picture of the target to compare: equal before the fix and after an exact undo, different in between. */
  look(): Promise<unknown>;
  /** How often the effect really happened, by what the target itself says. Undoing does not count. */
  effects(): Promise<number>;
  /** Changes the world so that the pins no longer hold; null when this remedy has no pin. */
  readonly moveWorld: (() => Promise<void>) | null;
  /** Makes the next effect happen and its answer get lost, so that `apply` throws; null where the wire cannot be cut. */
  readonly loseReply: (() => Promise<void>) | null;
  /** Set where the effect leaves nothing behind that an undo could bring back: the same program, started anew. */
  readonly nothingToUndo?: true;
  /** Strings that must never be seen: the credentials of the target. */
  readonly secrets: readonly string[];
  /** Parameters of this kind that must be refused; the suite adds what no kind may take. */
  readonly nonsense: readonly unknown[];
  close(): Promise<void>;
}

/** What the suite says to a remedy of its plan. Apply and undo are two effects: each has its own key. */
export function remedyContext(name: string, what: 'apply' | 'undo', again = false): RemedyContext {
  return {
    planId: `plan-${name}`,
    digest: sha256(name),
    key: `execution-${name}/0/${what}`,
    again,
    incidentId: `incident-${name}`,
    incidentTitle: 'Orders fail',
    incidentUrl: 'https://warroom.example/incidents/1',
    evidence: ['- **Evidence 12** (log): “token expired” 480 times, @everyone fixes #1 <img>'],
    approvedBy: 'Ada',
  };
}

const deadlineMs = 55_000;

/**
 * What every kind of fix promises (`src/ports/remedy.ts`), on a real target.
 * @param setup makes a fresh scene; called before each test. What is costly belongs into the caller's `beforeAll`.
 */
export function describeRemedy(name: string, setup: () => Promise<RemedyScene>): void {
  describe(`what every remedy promises: ${name}`, () => {
    let scene: RemedyScene;
    let signal: AbortSignal;
    let number = 0;
    /** Everything that the remedy returned or threw in this test. */
    let heard: unknown[];

    beforeEach(async () => {
      number += 1;
      heard = [];
      scene = await setup();
      signal = AbortSignal.timeout(deadlineMs);
    });
    afterEach(async () => {
      const { secrets } = scene;
      await scene.close();
      const told = heard.map((one) => inspect(one, { depth: Infinity, showHidden: true })).join('\n');
      for (const secret of secrets) expect(told.includes(secret), 'a credential was shown').toBe(false);
    });

    async function hear<T>(saying: Promise<T>): Promise<T> {
      try {
        const said = await saying;
        heard.push(said);
        return said;
      } catch (error) {
        heard.push(error);
        throw error;
      }
    }

    const context = (what: 'apply' | 'undo', again = false) =>
      remedyContext(`${name}-${number}`, what, again);

    async function preview(): Promise<{ planned: PlannedRemedy; facts: RiskFacts }> {
      const seen = await hear(scene.remedy.preview(scene.service, scene.params, signal));
      if (!seen.possible) throw new Error(`not possible: ${seen.reason}`);
      // the executor has it from the record
      return { planned: stored(seen.planned), facts: seen.facts };
    }
    const apply = (planned: PlannedRemedy, again = false, by = signal) =>
      hear(scene.remedy.apply(scene.service, planned, context('apply', again), by));

    async function applied(planned: PlannedRemedy, again = false) {
      const outcome = await apply(planned, again);
      if (!outcome.applied) throw new Error(`not applied: ${outcome.reason}`);
      return stored(outcome.receipt);
    }

    it('previews without changing anything, whole enough to be approved', async () => {
      const [before, effects] = [await scene.look(), await scene.effects()];

      const { planned, facts } = await preview();

      expect(planned).toMatchObject({ kind: scene.remedy.kind, service: scene.service.name });
      expect(planned.preview.summary).not.toBe('');
      expect(planned.preview.undo).not.toBe('');
      expect(facts.reasons.length).toBeGreaterThan(0);
      expect([await scene.look(), await scene.effects()]).toEqual([before, effects]);
    });

    it('plans the same from what it planned: a plan can be made anew', async () => {
      const { planned } = await preview();

      const again = await hear(scene.remedy.preview(scene.service, planned.params, signal));

      if (!again.possible) throw new Error(again.reason);
      expect(again.planned.params).toEqual(planned.params);
      expect(again.planned.pins).toEqual(planned.pins);
    });

    it('plans what canonical JSON carries unchanged', async () => {
      const { planned } = await preview();

      const text = canonicalJson(planned as unknown as Json);

      expect(JSON.parse(text)).toEqual(planned);
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
    });

    it('refuses parameters that make no sense, with a reason, and never throws', async () => {
      const [before, effects] = [await scene.look(), await scene.effects()];
      for (const params of [...nonsenseForAll(scene.params), ...scene.nonsense]) {
        const given = params as ProposedRemedy['params'];
        const seen = await hear(scene.remedy.preview(scene.service, given, signal));

        expect(seen, inspect(params)).toMatchObject({ possible: false });
        expect(seen.possible ? '' : seen.reason, inspect(params)).toMatch(/\w+ \w+/);
        expect(() => scene.remedy.targets(scene.service, given), inspect(params)).not.toThrow();
      }
      expect([await scene.look(), await scene.effects()]).toEqual([before, effects]);
    });

    it('names its targets, and always the same ones', async () => {
      const { planned } = await preview();

      const targets = scene.remedy.targets(scene.service, planned.params);

      heard.push(targets);
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets).size).toBe(targets.length);
      expect(targets.every((target) => target.trim() !== '')).toBe(true);
      expect(scene.remedy.targets(scene.service, planned.params)).toEqual(targets);
      expect(scene.remedy.targets(scene.service, scene.params)).toEqual(targets);
    });

    it('knows its inverse before it acts', async () => {
      const { planned } = await preview();
      const [before, effects] = [await scene.look(), await scene.effects()];

      const inverse = await hear(scene.remedy.inverse(scene.service, planned, signal));

      expect(stored(inverse)).toEqual(inverse);
      expect(() => canonicalJson(inverse)).not.toThrow();
      expect([await scene.look(), await scene.effects()]).toEqual([before, effects]);
    });

    it('acts, and its own check says that it holds', async () => {
      const { planned } = await preview();
      expect(await hear(scene.remedy.whyStale(scene.service, planned, signal))).toBeNull();
      const [before, effects] = [await scene.look(), await scene.effects()];

      const receipt = await applied(planned);

      expect(await scene.effects()).toBe(effects + 1);
      expect(await scene.look()).not.toEqual(before);
      expect(receipt.summary).not.toBe('');
      const check = await hear(scene.remedy.verify(scene.service, planned, receipt, signal));
      expect(check.state, check.text).toBe('holds');
    });

    it('acts once when it is told twice', async () => {
      const { planned } = await preview();
      const effects = await scene.effects();

      await applied(planned);
      const after = await scene.look();
      await applied(planned, true);

      expect(await scene.effects()).toBe(effects + 1);
      expect(await scene.look()).toEqual(after);
    });

    it('acts once when the reply was lost', async () => {
      const { planned } = await preview();
      const effects = await scene.effects();
      if (scene.loseReply === null) {
        await applied(planned); // and the process died before it could write that down
      } else {
        await scene.loseReply();
        await apply(planned).catch((error: unknown) => expect(error).toMatchObject({ retryable: true }));
      }

      const receipt = await applied(planned, true);

      expect(await scene.effects()).toBe(effects + 1);
      const check = await hear(scene.remedy.verify(scene.service, planned, receipt, signal));
      expect(check.state, check.text).toBe('holds');
    });

    it('does nothing once the world has moved, and says so', async () => {
      const { planned } = await preview();
      if (scene.moveWorld === null) {
        expect(await hear(scene.remedy.whyStale(scene.service, planned, signal))).toBeNull();
        return;
      }
      await scene.moveWorld();
      const [moved, effects] = [await scene.look(), await scene.effects()];

      const why = await hear(scene.remedy.whyStale(scene.service, planned, signal));
      const outcome = await apply(planned);

      expect(why).toMatch(/\w+ \w+/);
      expect(outcome).toMatchObject({ applied: false, reason: expect.stringMatching(/\w+ \w+/) });
      expect([await scene.look(), await scene.effects()]).toEqual([moved, effects]);
    });

    it('does nothing when it was called off before', async () => {
      const { planned } = await preview();
      const [before, effects] = [await scene.look(), await scene.effects()];
      const calledOff = AbortSignal.abort(new Error('called off'));

      await expect(apply(planned, false, calledOff)).rejects.toThrow();

      expect([await scene.look(), await scene.effects()]).toEqual([before, effects]);
    });

    it('undoes as far as it said that it can, and undoing twice is undoing once', async () => {
      const { planned, facts } = await preview();
      const before = await scene.look();
      const inverse = stored(await hear(scene.remedy.inverse(scene.service, planned, signal)));
      const receipt = await applied(planned);
      const effects = await scene.effects();
      const undo = (again: boolean) =>
        hear(scene.remedy.undo(scene.service, inverse, receipt, context('undo', again), signal));

      const first = await undo(false);
      const between = await scene.look();
      const second = await undo(true);

      if (facts.reversible !== 'partial') expect(first.applied).toBe(facts.reversible === 'exact');
      if (!first.applied) expect(first.reason).toMatch(/\w+ \w+/);
      if (facts.reversible === 'exact' && scene.nothingToUndo === undefined) {
        expect(between).toEqual(before);
      }
      expect(second.applied).toBe(first.applied);
      expect(await scene.look()).toEqual(between);
      expect(await scene.effects()).toBe(effects);
    });
  });
}

/** As it comes back from the record. */
function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** No kind of fix takes these. */
function nonsenseForAll(params: ProposedRemedy['params']): unknown[] {
  const [first = 'none'] = Object.keys(params);
  return [
    {},
    { surprise: true },
    { ...params, surprise: true },
    { ...params, [first]: null },
    { ...params, [first]: 7e99 },
    { ...params, [first]: { $ne: '' } },
    { ...params, [first]: '' },
    { ...params, [first]: '../../etc/passwd' },
    { ...params, [first]: '--help; $(touch /tmp/pwned)' },
    { ...params, [first]: `x${'\u0000'}y` },
    { ...params, [first]: 'A'.repeat(100_000) },
  ];
}
