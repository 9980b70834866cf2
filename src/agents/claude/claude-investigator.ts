import { explainError, WarroomError } from '../../platform/errors.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { type AgentContext, buildContext } from '../context/build-context.ts';
import { summariseContext } from '../context/explain-context.ts';
import type { PastRecord } from '../context/knowledge-layer.ts';
import { windowOf } from '../context/window-of.ts';
import { createInertModel } from '../inert-model.ts';
import type { Assignment, Investigator, Notebook, Sources } from '../investigator.ts';
import { assignmentText, briefingText } from '../prompts/resident-engineer.ts';
import { sayLeft } from '../sandbox-desk.ts';
import { type BudgetLimits, createBudget, defaultLimits } from './budget.ts';
import { ClaudeStopped } from './claude-stopped.ts';
import { concludeReport } from './conclude.ts';
import { holdConversation } from './conversation.ts';
import { createToolDesk } from './tool-desk.ts';

export interface ClaudeOptions {
  readonly model: LanguageModel;
  readonly sources: Sources;
  /** Looks first; its evidence and claims are what the model starts from. */
  readonly briefing: Investigator;
  /** Past incidents for the context; without it there are none. */
  readonly record?: PastRecord;
  readonly limits?: BudgetLimits;
}

/**
 * A model in the resident engineer's chair: read-only tools, every result an evidence row, a typed report at the end.
 * @throws ClaudeStopped when it ends without one, whatever the reason; it carries the briefing to go on from.
 */
export function createClaudeInvestigator(given: ClaudeOptions): Investigator {
  const options = { ...given, model: createInertModel(given.model) };
  return {
    name: 'claude',
    async investigate(assignment, notebook, signal) {
      const briefing = await options.briefing.investigate(assignment, notebook, signal);
      await notebook.report(briefing.claims);
      await notebook.step('claude', 'Claude reads the briefing', 'running');
      const budget = createBudget(options.limits ?? defaultLimits);
      const desk = createToolDesk(assignment, options.sources, notebook, signal);
      try {
        const task = assignmentText(assignment, briefingText(briefing, await notebook.evidence()));
        const report = await holdConversation({
          model: options.model,
          context: await loadContext(options, assignment, task, notebook, signal),
          task,
          desk,
          services: new Set(assignment.catalogue.services.map((service) => service.name)),
          budget,
          notebook,
          signal,
        });
        await notebook.step('claude', `Claude is done: ${budget.summary()}`, 'done');
        return await concludeReport(
          report,
          { assignment, sources: options.sources, briefing, notebook },
          signal,
        );
      } catch (error) {
        // Told to stop: whoever takes the job next begins again, and nothing is to be said.
        if (signal.aborted) throw error;
        await notebook.step('claude', `Claude stopped: ${budget.summary()}`, 'failed');
        throw error instanceof WarroomError
          ? new ClaudeStopped(error.message, error.hint, briefing, { cause: error })
          : new ClaudeStopped(explainError(error), 'The log has more.', briefing, { cause: error });
      } finally {
        // The sweeper gets what stays behind; the report counts all the same.
        await desk.close().catch((error: unknown) => notebook.limit(sayLeft(error)));
      }
    },
  };
}

/** Without it the tools still answer: an agent that has to look everything up is slower, not blind. */
async function loadContext(
  { model, sources, record }: ClaudeOptions,
  assignment: Assignment,
  about: string,
  notebook: Notebook,
  signal: AbortSignal,
): Promise<AgentContext | null> {
  await notebook.step('context', 'Loading source, neighbours, past incidents and the last hour', 'running');
  try {
    const windowTokens = windowOf(model);
    const parts = { assignment, sources, record: record ?? null, about, windowTokens, model };
    const context = await buildContext(parts, signal);
    await notebook.step('context', summariseContext(context.report), 'done');
    return context;
  } catch (error) {
    signal.throwIfAborted();
    await notebook.step('context', 'The context could not be loaded', 'failed');
    await notebook.limit(`Claude began without the service’s source at hand. ${explainError(error)}`);
    return null;
  }
}
