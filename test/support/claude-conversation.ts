import { createAnthropic } from '../../src/adapters/anthropic/anthropic.ts';
import {
  type ConversationParts,
  type Held,
  holdConversation,
  type Progress,
  startProgress,
} from '../../src/agents/claude/conversation.ts';
import { createMemoryConversations } from '../../src/agents/claude/memory-conversations.ts';
import { writeOpening } from '../../src/agents/claude/opening.ts';
import type { ToolCall } from '../../src/agents/claude/tool-desk.ts';
import type { Notebook } from '../../src/agents/investigator.ts';
import { type AgentLimits, defaultAgentPolicy } from '../../src/config/agent-policy.ts';
import type { PeerQuestion } from '../../src/domain/peer-question.ts';
import type { Steer } from '../../src/domain/steer.ts';
import type { CallResult, Conversation, Conversations } from '../../src/ports/conversations.ts';
import type { LanguageModel } from '../../src/ports/language-model.ts';

export interface TalkOptions {
  readonly url: string;
  readonly limits?: Partial<AgentLimits>;
  readonly asked?: readonly PeerQuestion[];
  readonly conversations?: Conversations;
  /** Told to the desk before it answers; throws to stop the worker there. */
  readonly onCall?: (call: ToolCall) => void;
  /** In place of the model as the SDK asks for it. */
  readonly dress?: (model: LanguageModel) => LanguageModel;
}

export interface Talk {
  /** Holds it, or goes on with it as another worker would. */
  hold(signal?: AbortSignal): Promise<Held>;
  readonly progress: () => Progress | undefined;
  readonly kept: () => Promise<Conversation | undefined>;
  /** Sentences for the thread. */
  readonly limits: string[];
  /** Steps by key: how often each began. */
  readonly steps: Map<string, number>;
  /** Tool calls that were run. */
  readonly ran: string[];
  readonly rebuilt: ToolCall[][];
  readonly steers: Steer[];
}

/** A conversation through the real SDK with ten rows of evidence, and tools that answer with the next one. */
export function aTalk(options: TalkOptions): Talk {
  const conversations = options.conversations ?? createMemoryConversations();
  const limits: string[] = [];
  const steps = new Map<string, number>();
  const ran: string[] = [];
  const rebuilt: ToolCall[][] = [];
  const steers: Steer[] = [];
  let progress: Progress | undefined;
  const anthropic = createAnthropic({ apiKey: 'a-key', baseUrl: options.url, model: 'claude-sonnet-5-5' });
  const model = options.dress?.(anthropic) ?? anthropic;
  const notebook = {
    step: async (key: string, _text: string, state: string) => {
      if (state !== 'failed') steps.set(key, (steps.get(key) ?? 0) + 1);
    },
    limit: async (text: string) => {
      if (!limits.includes(text)) limits.push(text);
    },
    evidence: async () => Array.from({ length: 10 }, (_, index) => ({ number: index + 1, kind: 'log' })),
    steers: async () => steers,
  } as unknown as Notebook;

  return {
    limits,
    steps,
    ran,
    rebuilt,
    steers,
    progress: () => progress,
    kept: () => conversations.get('c1'),
    async hold(signal = AbortSignal.timeout(20_000)) {
      const conversation = await conversations.begin({
        id: 'c1',
        incidentId: 'i1',
        investigationId: 'v1',
        model: 'claude-sonnet-5-5',
        opening: writeOpening({
          core: 'L1, your service.',
          surroundings: 'L2, what it depends on.',
          task: 'Your service: ledger. An alert fires.',
          runtime: 'L4, what happens now.',
          loadedTokens: 100,
          briefing: { claims: [], ruledOut: [], nextChecks: [] },
        }),
      });
      progress = startProgress(conversation);
      const parts: ConversationParts = {
        model,
        conversations,
        conversation,
        refresh: async () => null,
        stepScope: '',
        desk: {
          declarations: [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }],
          answer: async (call, step): Promise<CallResult> => {
            await notebook.step(step, call.name, 'running');
            options.onCall?.(call);
            ran.push(call.id);
            const malformed = call.name !== 'look';
            const row = { evidence: (ran.length % 8) + 2, kind: 'log', summary: 's', data: 'x'.repeat(500) };
            return { callId: call.id, text: JSON.stringify(row), failed: malformed, malformed };
          },
          rebuild: (calls) => {
            rebuilt.push([...calls]);
          },
          close: async () => undefined,
        },
        services: new Set(['ledger']),
        asked: options.asked ?? [],
        policy: {
          ...defaultAgentPolicy,
          perAgent: { ...defaultAgentPolicy.perAgent, ...options.limits },
        },
        notebook,
        signal,
      };
      return holdConversation(parts, progress);
    },
  };
}
