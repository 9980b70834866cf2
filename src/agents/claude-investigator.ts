import { z } from 'zod';
import { canonicalJson, type Json, sha256 } from '../platform/canonical-json.ts';
import { explainError, SourceRefused } from '../platform/errors.ts';
import type { Block, LanguageModel, Message, ToolDeclaration } from '../ports/language-model.ts';
import { type BudgetLimits, createBudget, defaultLimits } from './budget.ts';
import { parseReport, reportJsonSchema } from './claude-report.ts';
import type { Assignment, Investigator, Notebook, Report, Sources } from './investigator.ts';
import { assignmentText, residentEngineer } from './prompts/resident-engineer.ts';
import { openTelemetryDesk } from './signals/telemetry-desk.ts';
import { tools } from './tools/registry.ts';
import type { AnyTool, ToolContext } from './tools/tool.ts';

/** What a model sees of one tool result; the rest stays in the evidence row. */
const resultCharacters = 12_000;
const outputTokens = 8_192;

export interface ClaudeOptions {
  readonly model: LanguageModel;
  readonly sources: Sources;
  /** Looks first; its evidence and claims are what the model starts from. */
  readonly briefing: Investigator;
  readonly limits?: BudgetLimits;
}

/** A model in the resident engineer's chair: read-only tools, every result an evidence row, a typed report at the end. */
export function createClaudeInvestigator(options: ClaudeOptions): Investigator {
  return {
    name: 'claude',
    async investigate(assignment, notebook, signal) {
      const briefing = await options.briefing.investigate(assignment, notebook, signal);
      await notebook.report(briefing.claims);
      await notebook.step('claude', 'Claude reads the briefing', 'running');
      const conversation = new Conversation(options, assignment, notebook, signal);
      const report = await conversation.hold(await describe(briefing, notebook), signal);
      await notebook.step(
        'claude',
        `Claude is done: ${conversation.spent()}`,
        report === null ? 'failed' : 'done',
      );
      if (report !== null) return report;
      return {
        ...briefing,
        nextChecks: [...briefing.nextChecks, 'Claude did not finish; this is the evidence engine alone.'],
      };
    },
  };
}

class Conversation {
  readonly #options: ClaudeOptions;
  readonly #notebook: Notebook;
  readonly #assignment: Assignment;
  readonly #context: ToolContext;
  readonly #budget: ReturnType<typeof createBudget>;

  constructor(options: ClaudeOptions, assignment: Assignment, notebook: Notebook, signal: AbortSignal) {
    this.#options = options;
    this.#notebook = notebook;
    this.#assignment = assignment;
    this.#context = { assignment, desk: openTelemetryDesk(assignment, options.sources, signal) };
    this.#budget = createBudget(options.limits ?? defaultLimits);
  }

  spent(): string {
    return this.#budget.summary();
  }

  /** Null when it ended without a report: a limit, a cut answer, two malformed ones. The reason is told as a limit. */
  async hold(briefing: string, signal: AbortSignal): Promise<Report | null> {
    const messages: Message[] = [
      { role: 'user', blocks: [text(assignmentText(this.#assignment, briefing))] },
    ];
    let repaired = false;
    for (;;) {
      const reached = this.#budget.reached();
      if (reached !== null) return this.#stop(`Claude reached its limit of ${reached}.`);
      const turn = await this.#options.model.turn(
        {
          system: [residentEngineer],
          messages,
          tools: declarations,
          answerSchema: reportJsonSchema,
          maxOutputTokens: outputTokens,
        },
        signal,
      );
      this.#budget.spend(turn.usage);
      messages.push({ role: 'assistant', blocks: turn.blocks });
      switch (turn.stop) {
        case 'tool-calls':
          messages.push({ role: 'user', blocks: await this.#answerCalls(turn.blocks, signal) });
          break;
        case 'end': {
          const parsed = parseReport(lastText(turn.blocks));
          if ('report' in parsed) return parsed.report;
          if (repaired) return this.#stop('Claude gave no report that can be read, twice.');
          repaired = true;
          messages.push({
            role: 'user',
            blocks: [text(`That is not the report: ${parsed.problem}\nAnswer with the JSON alone.`)],
          });
          break;
        }
        case 'refusal':
          throw new SourceRefused('Claude declined to go on.', 'The evidence engine answers instead.');
        case 'max-tokens':
          return this.#stop('The answer of Claude was cut at its length limit.');
        case 'context-full':
          return this.#stop('The conversation with Claude outgrew its window.');
        default:
          return turn.stop satisfies never;
      }
    }
  }

  async #stop(reason: string): Promise<null> {
    await this.#notebook.limit(reason);
    return null;
  }

  async #answerCalls(blocks: readonly Block[], signal: AbortSignal): Promise<Block[]> {
    const answers: Block[] = [];
    // One after the other: rows get their numbers in the order in which the model asked.
    for (const block of blocks) {
      if (block.type !== 'tool-call') continue;
      answers.push(await this.#answer(block, signal));
    }
    // A paused turn carries no call of ours and only wants to be continued.
    return answers.length > 0 ? answers : [text('Go on.')];
  }

  async #answer(call: Extract<Block, { type: 'tool-call' }>, signal: AbortSignal): Promise<Block> {
    const tool = tools.find((one) => one.name === call.name);
    if (tool === undefined) return failed(call.id, `There is no tool "${call.name}".`);
    const step = `tool:${call.id}`;
    await this.#notebook.step(step, `${tool.name} ${brief(call.input)}`, 'running');
    try {
      const seen = await this.#look(tool, call.input, signal);
      await this.#notebook.step(step, `${tool.name} ${brief(call.input)}`, 'done');
      return { type: 'tool-result', callId: call.id, text: seen, failed: false };
    } catch (error) {
      if (signal.aborted) throw error;
      await this.#notebook.step(step, `${tool.name} ${brief(call.input)}`, 'failed');
      return failed(call.id, error instanceof z.ZodError ? z.prettifyError(error) : explainError(error));
    }
  }

  async #look(tool: AnyTool, input: Json, signal: AbortSignal): Promise<string> {
    const observations = await tool.run(this.#context, input, signal);
    const key = `claude/${tool.name}/${sha256(canonicalJson(input)).slice(0, 16)}`;
    const shown: string[] = [];
    for (const [index, seen] of observations.entries()) {
      const row = await this.#notebook.keep(`${key}/${index}`, seen);
      shown.push(
        `Evidence ${row.number} (${row.kind}, ${row.service}): ${row.title}. ${row.summary}\n${JSON.stringify(row.data)}`,
      );
    }
    const whole = shown.join('\n\n') || 'Nothing was found.';
    return whole.length <= resultCharacters
      ? whole
      : `${whole.slice(0, resultCharacters)}\n… (cut; ask more narrowly)`;
  }
}

const declarations: readonly ToolDeclaration[] = tools.map((tool) => ({
  name: tool.name,
  description: tool.description,
  inputSchema: z.toJSONSchema(tool.input, { io: 'input' }) as unknown as ToolDeclaration['inputSchema'],
}));

async function describe(briefing: Report, notebook: Notebook): Promise<string> {
  const evidence = await notebook.evidence();
  return [
    'Claims:',
    ...briefing.claims.map(
      (claim) =>
        `- ${claim.kind} (confidence ${claim.confidence}, evidence ${claim.evidence.join(', ')}): ${claim.text}`,
    ),
    'Evidence:',
    ...evidence.map((row) => `- ${row.number} (${row.kind}, ${row.service}): ${row.title}. ${row.summary}`),
    ...briefing.ruledOut.map((one) => `Ruled out: ${one}`),
  ].join('\n');
}

function lastText(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).at(-1) ?? '';
}

function text(value: string): Block {
  return { type: 'text', text: value };
}

function failed(callId: string, problem: string): Block {
  return { type: 'tool-result', callId, text: problem, failed: true };
}

function brief(input: Json): string {
  const shown = JSON.stringify(input);
  return shown.length <= 120 ? shown : `${shown.slice(0, 119)}…`;
}
