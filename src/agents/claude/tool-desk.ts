import { z } from 'zod';
import { canonicalJson, type Json, sha256 } from '../../platform/canonical-json.ts';
import { explainError } from '../../platform/errors.ts';
import type { Block, ToolDeclaration } from '../../ports/language-model.ts';
import type { Assignment, Notebook, Sources } from '../investigator.ts';
import { openSandboxDesk } from '../sandbox-desk.ts';
import { openTelemetryDesk } from '../signals/telemetry-desk.ts';
import { tools } from '../tools/registry.ts';
import type { AnyTool, ToolContext } from '../tools/tool.ts';

/** What a model sees of one tool result; the rest stays in the evidence row. */
const resultCharacters = 12_000;
/** What failed may quote what it read. */
const problemCharacters = 2_000;

type Call = Extract<Block, { type: 'tool-call' }>;

/** Where a model's tool calls are answered: each result is an evidence row before the model sees it. */
export interface ToolDesk {
  readonly declarations: readonly ToolDeclaration[];
  /** One result for each call among the blocks, failures told as such. */
  answer(blocks: readonly Block[]): Promise<Block[]>;
  /** Gives back the sandboxes that its tools have opened. */
  close(): Promise<void>;
}

export function createToolDesk(
  assignment: Assignment,
  sources: Sources,
  notebook: Notebook,
  signal: AbortSignal,
): ToolDesk {
  const context: ToolContext = {
    assignment,
    desk: openTelemetryDesk(assignment, sources, signal),
    sandboxes: openSandboxDesk(assignment.incident.id, sources, (lack) => notebook.limit(lack)),
  };
  let asked = 0;

  async function answerCall(call: Call): Promise<Block> {
    // Numbered, not by the vendor's id: an agent that begins again after a crash goes over its old steps.
    asked += 1;
    const key = `tool:${asked}`;
    const tool = tools.find((one) => one.name === call.name);
    const said = `${tool?.name ?? 'an unknown tool'} ${brief(call.input)}`;
    await notebook.step(key, said, 'running');
    try {
      if (tool === undefined) throw new RangeError(`There is no tool "${call.name}".`);
      const seen = await look(tool, call.input);
      await notebook.step(key, said, 'done');
      return { type: 'tool-result', callId: call.id, text: seen, failed: false };
    } catch (error) {
      signal.throwIfAborted();
      await notebook.step(key, said, 'failed');
      const problem = error instanceof z.ZodError ? z.prettifyError(error) : explainError(error);
      return {
        type: 'tool-result',
        callId: call.id,
        text: JSON.stringify({ problem: problem.slice(0, problemCharacters) }),
        failed: true,
      };
    }
  }

  async function look(tool: AnyTool, input: Json): Promise<string> {
    const observations = await tool.run(context, input, signal);
    const key = `claude/${tool.name}/${digestOf(input)}`;
    const shown: string[] = [];
    for (const [index, seen] of observations.entries()) {
      const told = tool.changing === true ? `/${digestOf({ ...seen })}` : '';
      const { number, kind, service, title, summary, data } = await notebook.keep(
        `${key}/${index}${told}`,
        seen,
      );
      // JSON throughout: a log line cannot pretend to be a row of its own.
      shown.push(JSON.stringify({ evidence: number, kind, service, title, summary, data }));
    }
    const whole = shown.join('\n') || 'Nothing was found.';
    return whole.length <= resultCharacters
      ? whole
      : `${whole.slice(0, resultCharacters)}\n… (cut; ask more narrowly)`;
  }

  return {
    declarations,
    async answer(blocks) {
      const answers: Block[] = [];
      // One after the other: rows get their numbers in the order in which the model asked.
      for (const block of blocks) if (block.type === 'tool-call') answers.push(await answerCall(block));
      return answers;
    },
    close: () => context.sandboxes.close(),
  };
}

const declarations: readonly ToolDeclaration[] = tools.map((tool) => ({
  name: tool.name,
  description: tool.description,
  inputSchema: z.toJSONSchema(tool.input, { io: 'input' }) as unknown as ToolDeclaration['inputSchema'],
}));

function digestOf(value: Json): string {
  return sha256(canonicalJson(value)).slice(0, 16);
}

function brief(input: Json): string {
  const shown = JSON.stringify(input);
  return shown.length <= 120 ? shown : `${shown.slice(0, 119)}…`;
}
