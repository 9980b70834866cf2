import { SourceRefused } from '../../platform/errors.ts';
import type { Block, LanguageModel, Message } from '../../ports/language-model.ts';
import type { AgentContext } from '../context/build-context.ts';
import type { Notebook, Report } from '../investigator.ts';
import { residentEngineer } from '../prompts/resident-engineer.ts';
import type { Budget } from './budget.ts';
import { parseReport, reportJsonSchema, weighClaims } from './report.ts';
import type { ToolDesk } from './tool-desk.ts';

/** Thinking counts into it. */
const outputTokens = 16_000;
const whatStays = 'Its steps and the evidence it collected stay in the thread.';

export interface ConversationParts {
  readonly model: LanguageModel;
  /** What stands before and after the task; null: it could not be built. */
  readonly context: AgentContext | null;
  /** What the agent is asked, the briefing included. */
  readonly task: string;
  readonly desk: ToolDesk;
  /** Names that a claim may blame. */
  readonly services: ReadonlySet<string>;
  readonly budget: Budget;
  readonly notebook: Notebook;
  readonly signal: AbortSignal;
}

/**
 * Turn by turn until there is a report. A limit asks for the report of what was seen so far, once, and is told as a limit.
 * @throws SourceRefused, SourceUnreachable when it ends without one
 */
export async function holdConversation(parts: ConversationParts): Promise<Report> {
  const { model, context, desk, budget, notebook, signal } = parts;
  const messages: Message[] = [{ role: 'user', blocks: firstBlocks(parts) }];
  const loadedTokens = context?.report.layers.reduce((sum, one) => sum + one.tokens, 0) ?? 0;
  let limit: string | null = null;
  let repaired = false;
  for (;;) {
    const turn = await model.turn(
      {
        system: [residentEngineer],
        messages,
        tools: desk.declarations,
        answerSchema: reportJsonSchema,
        maxOutputTokens: outputTokens,
      },
      signal,
    );
    budget.spend(turn.usage, loadedTokens);
    messages.push({ role: 'assistant', blocks: turn.blocks });
    switch (turn.stop) {
      case 'tool-calls': {
        if (limit !== null)
          throw new SourceRefused(`Claude reached its limit of ${limit} without a report.`, whatStays);
        limit = budget.reached();
        const answers = await desk.answer(turn.blocks);
        if (limit === null) {
          const news = (await context?.refresh(new Date(), signal)) ?? null;
          messages.push({ role: 'user', blocks: news === null ? answers : [...answers, text(news)] });
        } else {
          await notebook.limit(
            `Claude reached its limit of ${limit} and reports on what it had seen until then.`,
          );
          messages.push({ role: 'user', blocks: [...answers, text(reportNow)] });
        }
        break;
      }
      case 'end': {
        const read = await readReport(parts, turn.blocks);
        if ('report' in read) return read.report;
        if (repaired) throw new SourceRefused('Claude gave no report that can be used, twice.', whatStays);
        repaired = true;
        messages.push({ role: 'user', blocks: [text(`${read.problem}\nAnswer with the JSON alone.`)] });
        break;
      }
      case 'refusal':
        throw new SourceRefused('Claude declined to go on.', whatStays);
      case 'max-tokens':
        throw new SourceRefused('Claude’s answer was cut at its length limit.', whatStays);
      case 'context-full':
        throw new SourceRefused('The conversation outgrew what Claude can hold.', whatStays);
      default:
        return turn.stop satisfies never;
    }
  }
}

/** What is the same for every agent of the service first, what changes most last. */
function firstBlocks({ context, task }: ConversationParts): Block[] {
  if (context === null) return [text(task)];
  const blocks: Block[] = [
    { type: 'text', text: context.core, kept: true },
    text(context.surroundings),
    text(task),
    text(context.runtime),
  ];
  return blocks.filter((block) => block.type !== 'text' || block.text !== '');
}

const reportNow =
  'Your budget is used up. Use no more tools: answer with the report now, from what you have seen. What you could not look at belongs into nextChecks.';

async function readReport(
  { notebook, services }: ConversationParts,
  blocks: readonly Block[],
): Promise<{ report: Report } | { problem: string }> {
  const parsed = parseReport(lastText(blocks));
  if ('problem' in parsed) return { problem: `That is not the report: ${parsed.problem}` };
  const evidence = await notebook.evidence();
  const { claims, dropped } = weighClaims(
    parsed.report.claims,
    new Set(evidence.map((row) => row.number)),
    services,
  );
  if (claims.length === 0)
    return {
      problem:
        'No claim of this report stands: each must cite evidence by a number that you were shown, and name services of the list. "healthy" is a claim too.',
    };
  for (const sentence of dropped) await notebook.limit(sentence);
  return { report: { ...parsed.report, claims } };
}

function lastText(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).at(-1) ?? '';
}

function text(value: string): Block {
  return { type: 'text', text: value };
}
