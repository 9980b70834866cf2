import type { Symptoms, TroubleKind, WeightedText } from '../../analysis/culprits/symptoms.ts';
import { extractStackFrames } from '../../analysis/logs/stack-frames.ts';
import type { DatabaseSignals } from './database-signals.ts';
import type { IncidentWindow } from './incident-window.ts';
import type { Judgement, ServiceSignals } from './judgement.ts';
import { type LogSignals, tellingText } from './log-signals.ts';

/** Everything that telemetry says about a service's trouble, in the form that commits are ranked against. */
export function collectSymptoms(
  judgement: Judgement,
  signals: ServiceSignals,
  window: IncidentWindow,
): Symptoms {
  const { service } = judgement;
  const { traces, logs } = signals;
  const texts: WeightedText[] = [];
  const add = (text: string | null | undefined, weight: number, source: string): void => {
    if (text !== null && text !== undefined && text !== '')
      texts.push({ text: text.slice(0, 500), weight, source });
  };
  for (const origin of judgement.origins) {
    const weight = origin.service === service ? 1 : 0.6;
    add(origin.text, weight, 'error text');
  }
  for (const operation of judgement.troubled)
    for (const text of operation.texts) add(text, 0.8, 'error text');
  const owner = judgement.blames.length === 0 || judgement.own > 0.4;
  for (const template of logs?.templates.slice(0, 8) ?? [])
    add(
      tellingText(template.line),
      (owner ? 0.9 : 0.6) * (0.5 + 0.5 * template.score),
      `${template.change} log line`,
    );
  // How callers saw it: their words name what the answer lacked.
  const answers = (traces?.operations ?? []).filter((one) => one.service === service);
  const troubledNames = new Set(judgement.troubled.map((one) => one.operation));
  const originOperations = judgement.origins
    .filter((one) => one.service === service)
    .map((one) => one.operation);
  const operations = unique([...originOperations, ...troubledNames, ...(logs?.operations ?? [])]).slice(0, 6);
  const slow = judgement.troubled.filter((one) => one.slowRise > 0.35);
  return {
    onset: window.onset.getTime() / 1000,
    alertedAt: window.alertedAt.getTime() / 1000,
    kinds: judgement.kinds,
    texts,
    frames: [
      ...judgement.origins
        .filter((one) => one.service === service)
        .flatMap((one) => extractStackFrames(one.text ?? '')),
      ...(logs?.frames ?? []),
    ].slice(0, 16),
    libraries: unique((logs?.stacks ?? []).flatMap((stack) => stack.libraries)),
    operations,
    healthyOperations: answers.map((one) => one.operation).filter((name) => !operations.includes(name)),
    numbers: unique([
      ...judgement.origins.flatMap((one) => (one.status === null ? [] : [one.status])),
      ...judgement.troubled.flatMap((one) => [...one.newSuccesses, ...one.statuses]),
      ...(logs?.numbers ?? []),
    ]),
    slowdownMs: slow.length === 0 ? null : Math.max(...slow.map((one) => one.ownGrowthMs)),
    peers: unique(judgement.origins.filter((one) => one.service !== service).map((one) => one.service)),
    releases: logs?.releases ?? [],
  };
}

/** What a callee said when it refused or failed this service's calls: its words name what was wrong with them. */
export function addPeerTexts(
  symptoms: Symptoms,
  peers: readonly { readonly service: string; readonly logs: LogSignals | null }[],
): Symptoms {
  const texts = peers.flatMap(({ service, logs }) =>
    (logs?.templates.slice(0, 4) ?? []).map((template) => ({
      text: tellingText(template.line),
      weight: 0.75 * (0.5 + 0.5 * template.score),
      source: `log line of ${service}`,
    })),
  );
  return { ...symptoms, texts: [...symptoms.texts, ...texts] };
}

/** What the service's databases began to be slow at: a commit that brings it in gives itself away. */
export function addStatements(symptoms: Symptoms, databases: DatabaseSignals | null): Symptoms {
  if (databases === null) return symptoms;
  return { ...symptoms, statements: databases.statements.map((one) => one.change.example.statement) };
}

/**
 * Symptoms seen at callers, for a service whose own telemetry shows nothing: it may answer quickly, well-formed and wrong.
 */
export function borrowSymptoms(
  own: Symptoms,
  callers: readonly { symptoms: Symptoms; judgement: Judgement }[],
): Symptoms {
  const kinds = new Map<TroubleKind, number>(own.kinds);
  for (const { judgement } of callers)
    for (const [kind, weight] of judgement.kinds)
      kinds.set(kind, Math.max(kinds.get(kind) ?? 0, weight * 0.6));
  return {
    ...own,
    kinds,
    texts: [
      ...own.texts,
      ...callers.flatMap(({ symptoms }) =>
        symptoms.texts.map((text) => ({
          ...text,
          weight: text.weight * 0.8,
          source: `caller's ${text.source}`,
        })),
      ),
    ],
  };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
