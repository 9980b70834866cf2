import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from './authentication.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Named parts of the route's pattern, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked when it came with `content-encoding`; empty for GET. */
  readonly body: Buffer;
  /** Aborts at the route's deadline, when the client goes away and when the server must stop. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/incidents/:id`: a part that starts with a colon matches one path segment. */
  readonly path: string;
  readonly access: Access;
  /** Of the body as sent and of the body unpacked; the server's default when absent. */
  readonly maxBodyBytes?: number;
  /** From the last byte of the request to the answer; the server's default when absent. */
  readonly deadlineMs?: number;
  /** `hang-up`: a client that takes any answer for the last word gets none when the answer would be a 5xx. */
  readonly outage?: 'answer' | 'hang-up';
  /** A thrown retryable `WarroomError` becomes 503, anything else 500. */
  handle(request: HttpRequest): Promise<Reply> | Reply;
}

export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function textReply(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: text };
}

/** What every refusal looks like: a code for programs, sentences for people. */
export function errorReply(
  status: number,
  code: string,
  message: string,
  hint: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(status, { error: { code, message, hint } }, headers);
}
