import { type PlanBody, type RemedyKind, type Risk, type RiskClass, riskClasses } from './plan.ts';

/** What a remedy says of itself; the class is made from it by `assessRisk`, never by a model. */
export interface RiskFacts {
  /** What this kind does to this target at this size, everything else being quiet. */
  readonly base: RiskClass;
  /** Why, one phrase each: `changes code`, `drops 4,200 of 9,000 keys`. */
  readonly reasons: readonly string[];
  /** `exact`: brings back what was there. `partial`: something is lost, or it takes time. `none`: there is no way back. */
  readonly reversible: 'exact' | 'partial' | 'none';
}

/** What the operators decided in `warroom.yaml`. */
export interface RiskPolicy {
  /** Hours in which every plan is one class higher: few people are awake to see what it does. Null: none. */
  readonly quietHours: { readonly from: string; readonly to: string; readonly timeZone: string } | null;
  /** The least class of what matches; an absent field matches everything. */
  readonly atLeast: readonly {
    readonly kind?: RemedyKind | undefined;
    readonly service?: string | undefined;
    readonly class: RiskClass;
    readonly because: string;
  }[];
}

export interface Circumstances {
  readonly steps: readonly {
    readonly kind: RemedyKind;
    readonly service: string;
    readonly facts: RiskFacts;
  }[];
  /** Rests on text that the public can write. */
  readonly tainted: boolean;
  /** By the database's clock. */
  readonly at: Date;
}

/**
 * The class of a plan and why. The riskiest step decides; hour, irreversibility, taint, a plan over several services and
 * the operators' rules can only raise it.
 */
export function assessRisk(circumstances: Circumstances, policy: RiskPolicy): Risk {
  const { steps, tainted, at } = circumstances;
  const reasons: string[] = [];
  let risk: RiskClass = 'low';
  const raiseTo = (least: RiskClass, because: string): void => {
    reasons.push(because);
    risk = higher(risk, least);
  };

  for (const { facts } of steps) {
    risk = higher(risk, facts.base);
    reasons.push(...facts.reasons);
    if (facts.reversible === 'partial') raiseTo('medium', 'can be undone only in part');
    if (facts.reversible === 'none') raiseTo('high', 'cannot be undone');
  }
  const services = new Set(steps.map((step) => step.service));
  if (services.size > 1) raiseTo('medium', `acts on ${services.size} services`);
  if (tainted) raiseTo('medium', 'rests on text that the public can write');
  for (const rule of policy.atLeast) {
    const hit = steps.some(
      (step) =>
        (rule.kind === undefined || rule.kind === step.kind) &&
        (rule.service === undefined || rule.service === step.service),
    );
    if (hit) raiseTo(rule.class, rule.because);
  }
  // Last: the hour lifts whatever the rest came to.
  if (policy.quietHours !== null && isQuiet(at, policy.quietHours)) {
    const { from, to, timeZone } = policy.quietHours;
    raiseTo(oneHigher(risk), `in the quiet hours (${from}–${to} ${timeZone})`);
  }
  return { class: risk, reasons: [...new Set(reasons)] };
}

/**
 * What a plan of this class comes to later: the rules of now, and an hour that has become quiet since, can only raise it.
 */
export function assessAgain(
  body: Pick<PlanBody, 'remedies' | 'risk' | 'tainted'>,
  when: { readonly madeAt: Date; readonly at: Date },
  policy: RiskPolicy,
): Risk {
  const { quietHours } = policy;
  const counted = quietHours !== null && isQuiet(when.madeAt, quietHours);
  const facts: RiskFacts = { base: body.risk.class, reasons: body.risk.reasons, reversible: 'exact' };
  const steps = body.remedies.map(({ kind, service }) => ({ kind, service, facts }));
  return assessRisk(
    { steps, tainted: body.tainted, at: when.at },
    counted ? { ...policy, quietHours: null } : policy,
  );
}

export function isAtMost(risk: RiskClass, limit: RiskClass): boolean {
  return riskClasses.indexOf(risk) <= riskClasses.indexOf(limit);
}

function higher(a: RiskClass, b: RiskClass): RiskClass {
  return isAtMost(a, b) ? b : a;
}

function oneHigher(risk: RiskClass): RiskClass {
  return risk === 'low' ? 'medium' : 'high';
}

/** `from` later than `to` spans midnight. */
function isQuiet(at: Date, hours: { from: string; to: string; timeZone: string }): boolean {
  const now = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: hours.timeZone,
  }).format(at);
  return hours.from <= hours.to ? now >= hours.from && now < hours.to : now >= hours.from || now < hours.to;
}
