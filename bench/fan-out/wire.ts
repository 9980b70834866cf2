import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sent, WireBody } from './account.ts';

interface Wire {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly sent: readonly Sent[];
  close(): Promise<void>;
}

/**
 * Stands between the bot and the stand-in for Claude: keeps each request as it came, and lets each answer take as long as
 * `answerMs`, so that agents that work side by side are told from one that works alone.
 */
export async function openWire(target: string, answerMs: number): Promise<Wire> {
  const sent: Sent[] = [];

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const isCount = request.url?.startsWith('/v1/messages/count_tokens') === true;
    if (!isCount) {
      sent.push({ bytes: body.length, body: JSON.parse(body.toString('utf8')) as WireBody });
      await pause(answerMs);
    }
    const answer = await fetch(`${target}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(60_000),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json', 'request-id': 'req_of_bench' });
    response.end(await answer.text());
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: String(error) } }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
