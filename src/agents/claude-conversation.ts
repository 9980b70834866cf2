import { SourceRefused } from '../platform/errors.ts';
import type { Block, LanguageModel, Message } from '../ports/language-model.ts';
import type { Budget } from './budget.ts';
import { parseReport, reportJsonSchema, weighClaims } from './claude-report.ts';
import type { ToolDesk } from './claude-tool-desk.ts';
import type { Notebook, Report } from './investigator.ts';
import { residentEngineer } from './prompts/resident-engineer.ts';

/** Thinking counts into it. */
const outputTokens = 16_000;
const whatStays = 'Its steps and the evidence it collected stay in the thread.';

export interface ConversationParts {
  readonly model: LanguageModel;
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
  const { model, desk, budget, notebook, signal } = parts;
  const messages: Message[] = [{ role: 'user', blocks: [text(parts.task)] }];
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
    budget.spend(turn.usage);
    messages.push({ role: 'assistant', blocks: turn.blocks });
    switch (turn.stop) {
      case 'tool-calls': {
        if (limit !== null)
          throw new SourceRefused(`Claude reached its limit of ${limit} without a report.`, whatStays);
        limit = budget.reached();
        const answers = await desk.answer(turn.blocks);
        if (limit === null) messages.push({ role: 'user', blocks: answers });
        else {
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
