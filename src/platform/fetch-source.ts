import { SourceRefused, SourceUnreachable } from './errors.ts';

export type SourceAuth =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string };

export interface SourceAnswer {
  readonly status: number;
  readonly body: string;
}

export interface SourceRequest {
  /** As a person knows it: `Prometheus`. */
  readonly source: string;
  /** Name of the setting that holds its address. */
  readonly setting: string;
  readonly url: URL;
  readonly auth: SourceAuth | null;
  readonly timeoutMs: number;
  /** Default 64 MiB. */
  readonly maxBytes?: number;
  /** Sent as a POST form when given. */
  readonly form?: URLSearchParams;
}

/**
 * One question to a source, whatever the status of its answer.
 * @throws SourceUnreachable when no answer came in time, SourceRefused on an answer that is too large or not admitted,
 *   and the caller's own reason when `signal` aborts.
 */
export async function fetchSource(request: SourceRequest, signal: AbortSignal): Promise<SourceAnswer> {
  const { source, setting, url, timeoutMs } = request;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(url, {
      method: request.form === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...authorization(request.auth) },
      ...(request.form === undefined ? {} : { body: request.form }),
      signal: bounded,
    });
    if (response.status === 401 || response.status === 403) {
      await response.body?.cancel();
      throw new SourceRefused(
        `${source} does not admit Warroom (HTTP ${response.status}).`,
        `Check the credentials that go with ${setting}.`,
      );
    }
    return { status: response.status, body: await readBounded(response, request) };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof SourceRefused) throw cause;
    const what = bounded.aborted
      ? `gave no answer in ${timeoutMs / 1000} s`
      : `cannot be reached (${reasonOf(cause)})`;
    throw new SourceUnreachable(
      `${source} ${what}.`,
      `Check ${setting} (now ${url.origin}) and network access from Warroom.`,
      { cause },
    );
  }
}

async function readBounded(response: Response, request: SourceRequest): Promise<string> {
  const maxBytes = request.maxBytes ?? 64 << 20;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes)
      throw new SourceRefused(
        `${request.source} answered with more than ${maxBytes} bytes.`,
        'Ask for less at once.',
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function authorization(auth: SourceAuth | null): Record<string, string> {
  if (auth === null) return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  return {
    authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`,
  };
}

/** Undici hides the network's own word in the cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
  return inner instanceof Error ? inner.message : String(inner);
}
