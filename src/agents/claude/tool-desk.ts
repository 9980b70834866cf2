import { z } from 'zod';
import { canonicalJson, type Json, sha256 } from '../../platform/canonical-json.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import type { CallResult } from '../../ports/conversations.ts';
import type { Block, ToolDeclaration } from '../../ports/language-model.ts';
import type { Assignment, Notebook, Sources } from '../investigator.ts';
import { openSandboxDesk } from '../sandbox-desk.ts';
import { openTelemetryDesk } from '../signals/telemetry-desk.ts';
import { whyMalformed } from '../tools/explain-call.ts';
import { type KeptAnswer, showEvidence } from '../tools/outputs/show-evidence.ts';
import { tools } from '../tools/registry.ts';
import type { AnyTool, ToolContext } from '../tools/tool.ts';
import { sayCall } from './say-call.ts';

/** What failed may quote what it read. */
const problemCharacters = 2_000;

export type ToolCall = Extract<Block, { type: 'tool-call' }>;

/** Tools whose effect on a workspace follows from their input alone. */
const edits: ReadonlySet<string> = new Set(['edit_files', 'apply_patch', 'reset_workspace']);

export function isEdit(call: ToolCall): boolean {
  return edits.has(call.name);
}

/** Whether it works in a workspace. */
export function worksInWorkspace(call: ToolCall): boolean {
  return toolOf(call)?.changing === true;
}

function toolOf(call: ToolCall): AnyTool | undefined {
  return tools.find((one) => one.name === call.name);
}

/** Where a model's tool calls are answered: each result is an evidence row before the model sees it. */
export interface ToolDesk {
  readonly declarations: readonly ToolDeclaration[];
  /** Failures are results, too. @param step under which the thread shows it: the same for the same call of a conversation */
  answer(call: ToolCall, step: string): Promise<CallResult>;
  /**
   * Edits of a workspace that is gone with its worker, oldest first: they are made again before the first tool that works
   * in one. Nothing of it is a row or a step: those are there.
   */
  rebuild(edits: readonly ToolCall[]): void;
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
    kept: notebook,
  };
  let lost: readonly ToolCall[] = [];

  async function answer(call: ToolCall, step: string): Promise<CallResult> {
    const tool = toolOf(call);
    const said = sayCall(tool?.name ?? 'an unknown tool', call.input);
    const wrong = whyMalformed(tools, call.name, call.input);
    const malformed = wrong !== null;
    await notebook.step(step, said, 'running');
    try {
      if (tool === undefined || malformed) throw new RangeError(wrong ?? 'There is no such tool.');
      if (tool.changing === true) await makeAgain();
      const seen = await look(tool, call.input);
      await notebook.step(step, said, 'done');
      return { callId: call.id, text: seen, failed: false, malformed };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WarroomError && error.code === 'record_unavailable') throw error;
      await notebook.step(step, said, 'failed');
      const problem = explainError(error);
      return {
        callId: call.id,
        text: JSON.stringify({ problem: problem.slice(0, problemCharacters) }),
        failed: true,
        malformed,
      };
    }
  }

  async function makeAgain(): Promise<void> {
    const calls = lost;
    lost = [];
    for (const call of calls) {
      // One that failed then fails again, and changes nothing again.
      await toolOf(call)
        ?.run(context, call.input, signal)
        .catch(() => signal.throwIfAborted());
    }
  }

  async function look(tool: AnyTool, input: Json): Promise<string> {
    const observations = await tool.run(context, input, signal);
    const key = `claude/${tool.name}/${digestOf(input)}`;
    const answers: KeptAnswer[] = [];
    for (const [index, seen] of observations.entries()) {
      const told = tool.changing === true ? `/${digestOf({ ...seen })}` : '';
      const row = await notebook.keep(`${key}/${index}${told}`, seen);
      answers.push({ row, outputLines: seen.output === undefined ? null : seen.output.split('\n').length });
    }
    return showEvidence(answers);
  }

  return {
    declarations,
    answer,
    rebuild(calls) {
      lost = calls;
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
