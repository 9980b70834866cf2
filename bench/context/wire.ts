import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { createAnthropic } from '../../src/adapters/anthropic/anthropic.ts';
import { holdConversation, startProgress } from '../../src/agents/claude/conversation.ts';
import { createMemoryConversations } from '../../src/agents/claude/memory-conversations.ts';
import { writeOpening } from '../../src/agents/claude/opening.ts';
import type { AgentContext } from '../../src/agents/context/build-context.ts';
import type { Notebook } from '../../src/agents/investigator.ts';
import { tools } from '../../src/agents/tools/registry.ts';
import { defaultAgentPolicy } from '../../src/config/agent-policy.ts';

const report = {
  claims: [
    {
      kind: 'healthy',
      text: 'Nothing abnormal here.',
      evidence: [1],
      blamesService: null,
      blamesCommit: null,
      confidence: 0.5,
    },
  ],
  ruledOut: [],
  nextChecks: [],
};

/** Holds a whole conversation through the real SDK with a server that keeps each body as it came. */
export async function recordConversation(
  context: AgentContext,
  service: string,
  turns: number,
  clock: { now: Date },
): Promise<Buffer[]> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      const last = bodies.length > turns;
      const content = last
        ? [{ type: 'text', text: JSON.stringify(report) }]
        : [
            {
              type: 'tool_use',
              id: `toolu_${bodies.length}`,
              name: 'read_file',
              input: { path: 'README.md' },
            },
          ];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          id: `msg_${bodies.length}`,
          type: 'message',
          role: 'assistant',
          model: 'claude-sonnet-5-5',
          content,
          stop_reason: last ? 'end_turn' : 'tool_use',
          stop_sequence: null,
          usage: { input_tokens: 10, output_tokens: 10 },
        }),
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const { port } = server.address() as AddressInfo;
    const notebook = {
      step: async () => undefined,
      limit: async () => undefined,
      report: async () => undefined,
      evidence: async () => [{ number: 1 }],
      steers: async () => [],
    } as unknown as Notebook;
    const model = createAnthropic({
      apiKey: 'a-key',
      baseUrl: `http://127.0.0.1:${port}`,
      model: 'claude-sonnet-5-5',
    });
    const conversations = createMemoryConversations();
    const conversation = await conversations.begin({
      id: 'bench',
      incidentId: 'bench',
      investigationId: 'bench',
      model: model.name ?? '',
      opening: writeOpening({
        core: context.core,
        surroundings: context.surroundings,
        task: `Your service: ${service}. An alert fires.`,
        runtime: context.runtime,
        loadedTokens: context.report.layers.reduce((sum, one) => sum + one.tokens, 0),
        briefing: { claims: [], ruledOut: [], nextChecks: [] },
      }),
    });
    const parts = {
      model,
      conversations,
      conversation,
      // Each turn takes ten seconds, without anybody waiting for them.
      refresh: (signal: AbortSignal) => {
        clock.now = new Date(clock.now.getTime() + 10_000);
        return context.refresh(clock.now, signal);
      },
      stepScope: '',
      desk: {
        declarations: tools.map((tool) => ({
          name: tool.name,
          description: tool.description,
          inputSchema: z.toJSONSchema(tool.input, { io: 'input' }) as never,
        })),
        answer: async ({ id: callId }: { id: string }) => ({
          callId,
          text: answerText,
          failed: false,
          malformed: false,
        }),
        rebuild: () => undefined,
        close: async () => undefined,
      },
      services: new Set([service]),
      asked: [],
      policy: {
        ...defaultAgentPolicy,
        perAgent: { turns: turns + 2, tokens: 1e9, dollars: 1e9, minutes: 60 },
      },
      notebook,
      signal: AbortSignal.timeout(120_000),
    };
    await holdConversation(parts, startProgress(conversation));
    return bodies;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** As long as a file of two hundred lines. */
const answerText = JSON.stringify({
  evidence: 1,
  data: { text: 'const line = read(path); // as the file has it\n'.repeat(120) },
});

/** Share of each body, from the second on, that begins as the one before did. */
export function stability(bodies: readonly Buffer[]): number[] {
  return bodies.slice(1).map((body, index) => {
    const before = bodies[index] ?? Buffer.alloc(0);
    let same = 0;
    while (same < body.length && same < before.length && body[same] === before[same]) same += 1;
    return same / body.length;
  });
}
