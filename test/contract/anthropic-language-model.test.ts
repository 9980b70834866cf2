import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAnthropic } from '../../src/adapters/anthropic/anthropic.ts';
import { reportJsonSchema } from '../../src/agents/claude/report.ts';
import { tools } from '../../src/agents/tools/registry.ts';
import { SourceRefused, SourceUnreachable } from '../../src/platform/errors.ts';
import type { LanguageModel, Message } from '../../src/ports/language-model.ts';
import {
  type Asked,
  anthropicError,
  type ClaudeStandIn,
  type Scripted,
  startClaude,
} from '../support/aimock.ts';

const apiKey = 'sk-ant-api03-a-key-that-nobody-may-read';
const never = new AbortController().signal;

/**
 * The adapter with the real SDK over HTTP. Proven here: what goes over the wire, and what each answer becomes. Not
 * proven: that the real API takes it (aimock takes anything; our own rules in anthropic-rules.ts are a reading of the
 * documentation), real thinking signatures, cache hits, or how well any model does.
 */
describe('the Anthropic language model', () => {
  let claude: ClaudeStandIn;
  let script: (asked: Asked) => Scripted;
  let model: LanguageModel;

  beforeEach(async () => {
    script = () => ({ text: '{"ok":true}' });
    claude = await startClaude((asked) => script(asked));
    model = createAnthropic({ apiKey, baseUrl: claude.url, model: 'claude-sonnet-5-5' });
  });
  afterEach(() => claude.stop());

  const ask = (messages: readonly Message[] = [user('What is wrong?')], signal = never) =>
    model.turn(
      {
        system: ['Who you are.', 'The source map.'],
        messages,
        tools: tools.map((tool) => ({
          name: tool.name,
          description: tool.description,
          inputSchema: z.toJSONSchema(tool.input, { io: 'input' }) as never,
        })),
        answerSchema: reportJsonSchema,
        maxOutputTokens: 4_000,
      },
      signal,
    );

  describe('what goes over the wire', () => {
    it('is one stateless request to the current API version, cached by prefix and by tail', async () => {
      await ask();

      const [request, ...others] = claude.requests;
      expect(others).toEqual([]);
      expect(request?.path).toBe('/v1/messages');
      expect(request?.headers).toMatchObject({
        authorization: `Bearer ${apiKey}`,
        'anthropic-version': '2026-10-21',
      });
      expect(request?.headers['anthropic-beta']).toBeUndefined();
      expect(Object.keys(request?.body ?? {}).toSorted()).toEqual([
        'cache_control',
        'max_tokens',
        'messages',
        'model',
        'output_config',
        'system',
        'tools',
      ]);
      expect(request?.body).toMatchObject({ model: 'claude-sonnet-5-5', max_tokens: 4_000 });
      expect(request?.body['cache_control']).toEqual({ type: 'ephemeral' });
      expect(request?.body.system).toEqual([
        { type: 'text', text: 'Who you are.' },
        { type: 'text', text: 'The source map.', cache_control: { type: 'ephemeral' } },
      ]);
    });

    it('has every tool by name with a plain object schema', async () => {
      await ask();

      const sent = claude.requests[0]?.body.tools ?? [];
      expect(sent.map((tool) => tool.name)).toEqual(tools.map((tool) => tool.name));
      for (const tool of sent) {
        expect(tool.input_schema['type']).toBe('object');
        expect(tool.input_schema['$schema']).toBeUndefined();
      }
    });

    it('keeps constraints that constrained output refuses out of the answer’s schema, in words beside it', async () => {
      await ask();

      const format = claude.requests[0]?.body.output_config?.format;
      const schema = format?.schema as {
        properties: { claims: { items: { properties: Record<string, object>; required: string[] } } };
      };
      const claim = schema.properties.claims.items;
      expect(format?.type).toBe('json_schema');
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(claim).toMatchObject({ additionalProperties: false });
      expect(claim.required).toHaveLength(6);
      expect(claim.properties['confidence']).toEqual({
        type: 'number',
        description: '{minimum: 0, maximum: 1}',
      });
      expect(claim.properties['kind']).toMatchObject({ enum: ['symptom', 'blame', 'cause', 'healthy'] });
    });

    it('echoes thinking, calls and results as they came, and nothing that the API refuses', async () => {
      script = ({ turn }) =>
        turn === 0
          ? {
              calls: [
                { name: 'log_templates', input: {} },
                { name: 'metric_overview', input: { service: 'ledger' } },
              ],
              thinking: 'Logs first.',
            }
          : { text: 'done' };
      const first = await ask();
      const calls = first.blocks.flatMap((block) => (block.type === 'tool-call' ? [block] : []));
      const torn = `cut here ${'🔥'.slice(0, 1)}`;
      await ask([
        user('What is wrong?'),
        { role: 'assistant', blocks: [...first.blocks, { type: 'text', text: ' ' }] },
        {
          role: 'user',
          blocks: calls.map((call, index) => ({
            type: 'tool-result' as const,
            callId: call.id,
            text: torn,
            failed: index === 1,
          })),
        },
        { role: 'assistant', blocks: [] },
      ]);

      expect(first.stop).toBe('tool-calls');
      expect(calls.map((call) => call.input)).toEqual([{}, { service: 'ledger' }]);
      const [, assistant, results, ...more] = claude.requests[1]?.body.messages ?? [];
      expect(more).toEqual([]);
      expect(assistant?.content.map((block) => block.type)).toEqual(['thinking', 'tool_use', 'tool_use']);
      expect(assistant?.content[0]).toEqual({
        type: 'thinking',
        thinking: 'Logs first.',
        signature: 'aimock-placeholder-signature',
      });
      expect(results?.content).toMatchObject([
        { type: 'tool_result', is_error: false, content: 'cut here \ufffd' },
        { type: 'tool_result', is_error: true },
      ]);
    });
  });

  describe('what an answer becomes', () => {
    it.each([
      ['end_turn', 'end'],
      ['max_tokens', 'max-tokens'],
      ['refusal', 'refusal'],
      ['model_context_window_exceeded', 'context-full'],
    ])('%s ends the turn as %s', async (stop, expected) => {
      script = () => ({ text: 'so far', stop });

      const turn = await ask();

      expect(turn).toMatchObject({
        stop: expected,
        blocks: [{ type: 'text', text: 'so far' }],
        usage: { inputTokens: 900, outputTokens: 100, cachedTokens: 0 },
        model: 'claude-sonnet-5-5',
      });
    });

    it('goes on from a paused turn without a word of ours, and joins the parts', async () => {
      script = ({ turn }) => (turn === 0 ? { text: 'half', stop: 'pause_turn' } : { text: 'whole' });

      const turn = await ask();

      expect(turn).toMatchObject({ stop: 'end', usage: { inputTokens: 1_800, outputTokens: 200 } });
      expect(turn.blocks.map((block) => (block.type === 'text' ? block.text : ''))).toEqual([
        'half',
        'whole',
      ]);
      expect(claude.requests[1]?.body.messages.map((message) => message.role)).toEqual(['user', 'assistant']);
    });

    it('gives up on a turn that is paused for ever', async () => {
      script = () => ({ text: 'more', stop: 'pause_turn' });

      expect((await ask()).stop).toBe('end');
      expect(claude.requests).toHaveLength(5);
    });
  });

  describe('failures', () => {
    it.each([
      [401, 'authentication_error', undefined, 'refused', /ANTHROPIC_API_KEY/, 1],
      [402, 'billing_error', undefined, 'refused', /console/, 1],
      [403, 'permission_error', undefined, 'refused', /workspace/, 1],
      [404, 'not_found_error', undefined, 'refused', /CLAUDE_MODEL/, 1],
      [400, 'invalid_request_error', undefined, 'refused', /CLAUDE_MODEL/, 1],
      [429, 'rate_limit_error', 'enforced_spend_limit_reached', 'refused', /console/, 1],
      [429, 'rate_limit_error', undefined, 'refused', /console/, 1],
      [500, 'api_error', undefined, 'unreachable', /three times/, 3],
      [529, 'overloaded_error', undefined, 'unreachable', /three times/, 3],
    ])('%i %s (%s) is %s, with what to do', async (status, type, code, kind, hint, attempts) => {
      claude.answerRaw(9, status, {}, anthropicError(type, 'as the API says it', code));

      const error = await ask().catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(kind === 'refused' ? SourceRefused : SourceUnreachable);
      expect((error as SourceRefused).hint).toMatch(hint);
      expect((error as SourceRefused).cause).toMatchObject({
        message: expect.stringContaining('req_of_this_test') as string,
      });
      expect(claude.requests).toHaveLength(attempts);
    });

    it('waits as long as a rate limit says, then goes on', async () => {
      claude.answerRaw(1, 429, { 'retry-after-ms': '300' }, anthropicError('rate_limit_error', 'slower'));
      const startedMs = performance.now();

      expect((await ask()).stop).toBe('end');
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(295);
      expect(claude.requests).toHaveLength(2);
    });

    it('does not wait an hour', async () => {
      claude.answerRaw(9, 429, { 'retry-after': '3600' }, anthropicError('rate_limit_error', 'slower'));

      await expect(ask()).rejects.toThrow(/asks to wait 3600 s/);
      expect(claude.requests).toHaveLength(1);
    });

    it('takes aimock’s own overload and recovery', async () => {
      let asked = 0;
      script = () => {
        asked += 1;
        return asked === 1
          ? { status: 529, type: 'overloaded_error', message: 'Overloaded' }
          : { text: 'here again' };
      };

      expect((await ask()).blocks).toEqual([{ type: 'text', text: 'here again' }]);
    });

    it.each(['before', 'middle'] as const)(
      'asks again when the connection is cut %s the answer',
      async (where) => {
        claude.cut(2, where);

        expect((await ask()).stop).toBe('end');
        expect(claude.requests).toHaveLength(3);
      },
    );

    it.each(['before', 'middle'] as const)('says so when it is cut %s the answer for good', async (where) => {
      claude.cut(9, where);

      await expect(ask()).rejects.toMatchObject({
        code: 'source_unreachable',
        message: 'Claude could not be reached.',
      });
    });

    it('gives up on an answer that does not come in time, without paying for it twice', async () => {
      claude.hang(9);
      model = createAnthropic({ apiKey, baseUrl: claude.url, model: 'm', timeoutMs: 300 });

      await expect(ask()).rejects.toMatchObject({ code: 'source_unreachable' });
      expect(claude.requests).toHaveLength(1);
    });

    it('stops at once when the caller aborts, also while it waits to ask again', async () => {
      claude.answerRaw(1, 429, { 'retry-after': '10' }, anthropicError('rate_limit_error', 'slower'));
      const stopping = new AbortController();
      const startedMs = performance.now();
      setTimeout(() => stopping.abort(), 200);

      await expect(ask([user('go')], stopping.signal)).rejects.toThrow(/abort/i);
      expect(performance.now() - startedMs).toBeLessThan(3_000);
    });

    it('keeps the key out of every error, however it is malformed', async () => {
      claude.answerRaw(1, 401, {}, anthropicError('authentication_error', `invalid key: ${apiKey}`));
      const refused = await ask().catch((error: unknown) => error);
      const torn = 'sk-ant-first-half\nsecond-half';
      const broken = await createAnthropic({ apiKey: torn, baseUrl: claude.url, model: 'm' })
        .turn({ system: [], messages: [user('go')], tools: [], maxOutputTokens: 10 }, never)
        .catch((error: unknown) => error);

      expect(inspect(refused, { depth: 9, showHidden: true })).not.toContain(apiKey);
      expect(inspect(broken, { depth: 9, showHidden: true })).not.toMatch(/first-half|second-half/);
      expect(broken).toMatchObject({
        code: 'source_refused',
        hint: expect.stringContaining('ANTHROPIC_API_KEY') as string,
      });
    });

    it('names a base address that answers something else', async () => {
      claude.answerRaw(1, 200, { 'content-type': 'text/html' }, { html: 'a login page' });

      await expect(ask()).rejects.toMatchObject({
        code: 'source_refused',
        hint: expect.stringContaining('ANTHROPIC_BASE_URL') as string,
      });
    });
  });
});

function user(text: string): Message {
  return { role: 'user', blocks: [{ type: 'text', text }] };
}
