import { type AgentPolicy, defaultAgentPolicy } from '../../config/agent-policy.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Conversation, Conversations } from '../../ports/conversations.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { type AgentContext, buildContext } from '../context/build-context.ts';
import { summariseContext } from '../context/explain-context.ts';
import type { PastRecord } from '../context/knowledge-layer.ts';
import { windowOf } from '../context/window-of.ts';
import { createInertModel } from '../inert-model.ts';
import type { Assignment, Investigator, Notebook, Report, Sources } from '../investigator.ts';
import { assignmentText, briefingText } from '../prompts/resident-engineer.ts';
import { sayLeft } from '../sandbox-desk.ts';
import { type LimitReached, saySpent, spentOf } from './budget.ts';
import { concludeReport } from './conclude.ts';
import { holdConversation, startProgress } from './conversation.ts';
import { createMemoryConversations } from './memory-conversations.ts';
import { readOpening, writeOpening } from './opening.ts';
import { partialFinding } from './partial-finding.ts';
import { dearestPrice, priceOf } from './prices.ts';
import { ClaudeStopped, ConversationEnded, stopReasonOf } from './stopped.ts';
import { createToolDesk } from './tool-desk.ts';
import { toThread } from './words.ts';

export interface ClaudeOptions {
  readonly model: LanguageModel;
  readonly sources: Sources;
  /** Looks first; its evidence and claims are what the model starts from. */
  readonly briefing: Investigator;
  /** Past incidents for the context; without it there are none. */
  readonly record?: PastRecord;
  /** Where conversations are kept; without it they are gone with the process. */
  readonly conversations?: Conversations;
  readonly policy?: AgentPolicy;
}

/** What belongs to one look at one service. */
interface Look {
  readonly options: ClaudeOptions;
  readonly conversations: Conversations;
  readonly policy: AgentPolicy;
  readonly assignment: Assignment;
  readonly notebook: Notebook;
  readonly signal: AbortSignal;
}

/** What of an error says nothing about Claude: the look stays as it is, for whoever goes on with it. */
const notClaudes: readonly string[] = ['record_unavailable', 'conversation_taken'];

/**
 * A model in the resident engineer's chair: read-only tools, every result an evidence row, a typed report at the end. A look
 * that another worker has begun is gone on with from its last turn.
 * @throws ClaudeStopped when it ends without one, whatever the reason; it carries the briefing to go on from.
 */
export function createClaudeInvestigator(given: ClaudeOptions): Investigator {
  const options = { ...given, model: createInertModel(given.model) };
  const conversations = options.conversations ?? createMemoryConversations();
  const policy = options.policy ?? defaultAgentPolicy;
  return {
    name: 'claude',
    investigate: (assignment, notebook, signal) =>
      investigate({ options, conversations, policy, assignment, notebook, signal }),
  };
}

async function investigate(look: Look): Promise<Report> {
  const { options, conversations, policy, assignment, notebook, signal } = look;
  const { conversation, refresh } = await openConversation(look);
  const { briefing } = readOpening(conversation.opening);
  const progress = startProgress(conversation);
  const desk = createToolDesk(assignment, options.sources, notebook, signal);
  const cost = (): string => saySpent(spentOf(progress.turns, progress.elapsedMs()));
  try {
    const { report, limit } = await holdConversation(
      {
        model: options.model,
        conversations,
        conversation,
        refresh,
        stepScope: (assignment.investigation?.round ?? 1) === 1 ? '' : `${assignment.investigation?.round}/`,
        desk,
        services: new Set(assignment.catalogue.services.map((service) => service.name)),
        asked: assignment.asked ?? [],
        policy,
        notebook,
        signal,
      },
      progress,
    );
    await notebook.step('claude', 'Claude went on from the briefing', 'done');
    const parts = { assignment, sources: options.sources, briefing, notebook };
    const concluded = await concludeReport(report, parts, signal);
    return limit === null ? concluded : await markPartial(look, concluded, limit);
  } catch (error) {
    // Told to stop: whoever takes the job next goes on, and nothing is to be said.
    if (signal.aborted || (error instanceof WarroomError && notClaudes.includes(error.code))) throw error;
    await notebook.step('claude', `Claude stopped: ${cost()}`, 'failed');
    const limit = error instanceof ConversationEnded ? error.limit : null;
    const instead = limit === null ? briefing : await markPartial(look, briefing, limit);
    const [message, hint] =
      error instanceof WarroomError
        ? [error.message, error.hint]
        : [explainError(error), 'The log has more.'];
    throw new ClaudeStopped(stopReasonOf(error), message, hint, instead, { cause: error });
  } finally {
    // The sweeper gets what stays behind; the report counts all the same.
    await desk.close().catch((error: unknown) => notebook.limit(sayLeft(error)));
  }
}

/** The one that is kept for this round of the investigation, or a new one, which begins with the evidence engine's look. */
async function openConversation(
  look: Look,
): Promise<{ conversation: Conversation; refresh: (signal: AbortSignal) => Promise<string | null> }> {
  const { options, conversations, policy, assignment, notebook, signal } = look;
  const { investigation, incident } = assignment;
  const id = investigation === undefined ? newId() : `${investigation.id}@${investigation.round}`;
  const known = await conversations.get(id);
  if (known !== undefined) {
    await notebook.step('claude', 'Claude goes on where it was interrupted', 'running');
    return { conversation: known, refresh: refreshLater(look, readOpening(known.opening).task) };
  }
  const briefing = await options.briefing.investigate(assignment, notebook, signal);
  await notebook.report(briefing.claims);
  await notebook.step('claude', 'Claude reads the briefing', 'running');
  await sayIfUnpriced(options.model.name ?? 'the model', policy, notebook);
  const task = assignmentText(assignment, briefingText(briefing, await notebook.evidence()));
  const context = await loadContext(look, task);
  const opening = {
    core: context?.core ?? '',
    surroundings: context?.surroundings ?? '',
    task,
    runtime: context?.runtime ?? '',
    loadedTokens: context?.report.layers.reduce((sum, one) => sum + one.tokens, 0) ?? 0,
    briefing,
  };
  const conversation = await conversations.begin({
    id,
    incidentId: incident.id,
    investigationId: investigation?.id ?? id,
    model: options.model.name ?? '',
    opening: writeOpening(opening),
  });
  return { conversation, refresh: async (until) => (await context?.refresh(new Date(), until)) ?? null };
}

/** What a limit ended says so in a finding of its own, and what was seen until then is cited there. */
async function markPartial(look: Look, report: Report, limit: LimitReached): Promise<Report> {
  const { assignment, notebook } = look;
  const all = await notebook.evidence();
  const own = all.filter((row) => row.investigationId === (assignment.investigation?.id ?? null));
  const { claim, stopped } = partialFinding(limit, own.length > 0 ? own : all, report);
  return { ...report, claims: [...report.claims, claim], stopped };
}

async function sayIfUnpriced(model: string, policy: AgentPolicy, notebook: Notebook): Promise<void> {
  const price = priceOf(model, policy.prices);
  if (price === null) await notebook.limit(toThread.noPrice(model, dearestPrice(policy.prices)));
  else if (price.from === true) await notebook.limit(toThread.lowestPrice(model, price));
}

/** Without it the tools still answer: an agent that has to look everything up is slower, not blind. */
async function loadContext(look: Look, about: string): Promise<AgentContext | null> {
  const { notebook, signal } = look;
  await notebook.step('context', 'Loading source, neighbours, past incidents and the last hour', 'running');
  try {
    const context = await readContext(look, about);
    await notebook.step('context', summariseContext(context.report), 'done');
    return context;
  } catch (error) {
    signal.throwIfAborted();
    await notebook.step('context', 'The context could not be loaded', 'failed');
    await notebook.limit(`Claude began without the service’s source at hand. ${explainError(error)}`);
    return null;
  }
}

/** After an interruption: what is new since is told from here on; the rest was said before, and is kept. */
function refreshLater(look: Look, about: string): (signal: AbortSignal) => Promise<string | null> {
  let reading: Promise<AgentContext | null> | undefined;
  return async (signal) => {
    reading ??= readContext(look, about).catch(() => null);
    const context = await reading;
    signal.throwIfAborted();
    return (await context?.refresh(new Date(), signal)) ?? null;
  };
}

function readContext({ options, assignment, signal }: Look, about: string): Promise<AgentContext> {
  const { model, sources, record } = options;
  const windowTokens = windowOf(model);
  return buildContext({ assignment, sources, record: record ?? null, about, windowTokens, model }, signal);
}
