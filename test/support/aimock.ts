import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { LLMock } from '@copilotkit/aimock';
import { brokenRule, type WireRequest } from './anthropic-rules.ts';

/** What was asked, as a script needs it to decide. */
export interface Asked {
  /** Answers of Claude so far in this conversation. */
  readonly turn: number;
  /** From "Your service: NAME." in the task; empty elsewhere. */
  readonly service: string;
  readonly task: string;
  /** Results of the calls of the last turn. */
  readonly results: readonly string[];
  /** Numbers of the evidence rows shown in any tool result so far. */
  readonly evidence: readonly number[];
  /** Every row shown so far, in the briefing and in tool results. */
  readonly rows: readonly ShownRow[];
  /** What we said last besides results. */
  readonly said: string;
  /** All that we said so far, results included. */
  readonly seen: readonly string[];
}

export interface ShownRow {
  readonly evidence: number;
  readonly kind: string;
  readonly service: string;
  readonly title: string;
  readonly summary: string;
}

export type Scripted =
  | { readonly calls: readonly { name: string; input: object }[]; readonly thinking?: string }
  | { readonly text: string; readonly thinking?: string; readonly stop?: string }
  | {
      readonly status: number;
      readonly type: string;
      readonly message: string;
      readonly retryAfterS?: number;
    };

export interface RecordedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: WireRequest;
}

export interface ClaudeStandIn {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Requests that come from now on wait until the function that is returned is called. */
  pause(): () => void;
  /** The next so many requests lose their connection: before an answer, or in its middle. */
  cut(times: number, where: 'before' | 'middle'): void;
  /** The next so many get an answer that never comes. */
  hang(times: number): void;
  /** The next so many get this raw answer. */
  answerRaw(times: number, status: number, headers: Record<string, string>, body: object): void;
  stop(): Promise<void>;
}

const usage = { input_tokens: 900, output_tokens: 100 };

/**
 * aimock behind a recorder. aimock speaks the protocol (shapes, ids, stop reasons, error bodies) but checks nothing of a
 * request: no key, no schema, no order of messages. The recorder keeps raw requests and answers 400 to what breaks the
 * rules that we know of. What Claude would say is the script's; whether the real API takes the request stays unproven.
 */
export async function startClaude(script: (asked: Asked) => Scripted): Promise<ClaudeStandIn> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' });
  mock.on({ predicate: () => true }, (request) => toFixture(script(readAsked(request.messages))));
  await mock.start();
  const requests: RecordedRequest[] = [];
  const faults: ((response: ServerResponse) => void)[] = [];
  let paused: Promise<void> = Promise.resolve();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await readText(request);
    const body = JSON.parse(raw) as WireRequest;
    // aimock does not count; four characters a token are near enough to be told from an estimate.
    if (request.url?.startsWith('/v1/messages/count_tokens'))
      return sendJson(
        response,
        200,
        {},
        { input_tokens: Math.ceil(JSON.stringify(body.messages).length / 4) },
      );
    requests.push({ path: request.url ?? '', headers: request.headers, body });
    await paused;
    const fault = faults.shift();
    if (fault !== undefined) return fault(response);
    const broken = brokenRule(body);
    if (broken !== null)
      return sendJson(response, 400, {}, anthropicError('invalid_request_error', `by our rules: ${broken}`));
    const answer = await fetch(`${mock.url}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: raw,
    });
    const retryAfter = answer.headers.get('retry-after');
    const headers: Record<string, string> = retryAfter === null ? {} : { 'retry-after': retryAfter };
    sendJson(response, answer.status, headers, (await answer.json()) as object);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      sendJson(response, 500, {}, anthropicError('api_error', String(error))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const add = (times: number, fault: (response: ServerResponse) => void): void => {
    for (let count = 0; count < times; count += 1) faults.push(fault);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    pause() {
      const { promise, resolve } = Promise.withResolvers<void>();
      paused = promise;
      return resolve;
    },
    cut: (times, where) =>
      add(times, (response) => {
        if (where === 'before') return void response.destroy();
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
        response.write('{"type":"message","content":[', () => response.destroy());
      }),
    hang: (times) => add(times, () => undefined),
    answerRaw: (times, status, headers, body) =>
      add(times, (response) => sendJson(response, status, headers, body)),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await mock.stop();
    },
  };
}

export function anthropicError(type: string, message: string, errorCode?: string): object {
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } };
  return { type: 'error', error: { type, message, ...details }, request_id: 'req_of_this_test' };
}

function sendJson(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: object,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_of_this_test',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** aimock hands its OpenAI-like reading of a request to scripts. */
function readAsked(messages: Parameters<typeof textOf>[0][]): Asked {
  const lastAnswer = messages.findLastIndex((message) => message.role === 'assistant');
  const users = messages.filter((message) => message.role === 'user');
  const toolTexts = (from: number): string[] =>
    messages.slice(from).flatMap((message) => (message.role === 'tool' ? [textOf(message)] : []));
  const task = users[0] === undefined ? '' : textOf(users[0]);
  const last = messages.slice(lastAnswer + 1).findLast((message) => message.role === 'user');
  return {
    turn: messages.filter((message) => message.role === 'assistant').length,
    service: /Your service: ([\w-]+)\./.exec(task)?.[1] ?? '',
    task,
    results: toolTexts(lastAnswer + 1),
    evidence: toolTexts(0).flatMap((one) =>
      [...one.matchAll(/^\{"evidence":(\d+)/gm)].map((found) => Number(found[1])),
    ),
    rows: [...users.map(textOf), ...toolTexts(0)].flatMap((one) => one.split('\n').flatMap(readRow)),
    said: last === undefined ? '' : textOf(last),
    seen: [...users.map(textOf), ...toolTexts(0)],
  };
}

function readRow(line: string): ShownRow[] {
  if (!line.startsWith('{"evidence":')) return [];
  try {
    return [JSON.parse(line) as ShownRow];
  } catch {
    // It was cut to what a model is shown.
    return [];
  }
}

function textOf(message: { role: string; content: unknown }): string {
  return typeof message.content === 'string' ? message.content : '';
}

function toFixture(scripted: Scripted) {
  if ('status' in scripted) {
    const { status, type, message, retryAfterS } = scripted;
    return {
      error: { type, message },
      status,
      ...(retryAfterS === undefined ? {} : { retryAfter: retryAfterS }),
    };
  }
  const reasoning = scripted.thinking === undefined ? {} : { reasoning: scripted.thinking };
  if ('calls' in scripted) {
    const toolCalls = scripted.calls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) }));
    return { toolCalls, usage, ...reasoning };
  }
  const stop = scripted.stop === undefined ? {} : { finishReason: scripted.stop };
  return { content: scripted.text, usage, ...reasoning, ...stop };
}
