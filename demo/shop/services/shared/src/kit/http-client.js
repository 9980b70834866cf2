import http from 'node:http';
import { UpstreamError } from './errors.js';
import { withRetry } from './retry.js';

const CONNECTION_ERRORS = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE']);

/**
 * JSON over HTTP to one upstream. `settings()` gives `{ timeoutMs, attempts }` and is read at every call;
 * `instrument` wraps a call in a client span and hands over the headers to send.
 */
export function createHttpClient({ upstream, baseUrl, settings, instrument = (_call, run) => run({}) }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 15_000 });

  async function call(method, path, { body, headers = {} } = {}) {
    const { timeoutMs, attempts = 2 } = settings();
    const url = new URL(path, baseUrl);
    return withRetry(
      () =>
        instrument({ upstream, method, url: url.href }, (traceHeaders) =>
          send({ agent, upstream, method, url, body, timeoutMs, headers: { ...headers, ...traceHeaders } }),
        ),
      { attempts, isRetryable: (error) => error.code === 'UPSTREAM_CONNECTION' },
    );
  }

  return {
    get: (path, options) => call('GET', path, options),
    post: (path, body, options) => call('POST', path, { ...options, body }),
    delete: (path, options) => call('DELETE', path, options),
    close: () => agent.destroy(),
  };
}

function send({ agent, upstream, method, url, body, timeoutMs, headers }) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const request = http.request(url, {
      method,
      agent,
      headers: {
        ...headers,
        ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      },
    });
    const deadline = setTimeout(() => {
      request.destroy();
      reject(
        new UpstreamError(upstream, 'UPSTREAM_TIMEOUT', `${upstream} gave no answer in ${timeoutMs} ms`),
      );
    }, timeoutMs);
    const fail = (cause) => {
      clearTimeout(deadline);
      const code = CONNECTION_ERRORS.has(cause.code) ? 'UPSTREAM_CONNECTION' : 'UPSTREAM_FAILED';
      reject(new UpstreamError(upstream, code, `call to ${upstream} failed: ${cause.message}`, { cause }));
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(deadline);
        resolve({ status: response.statusCode, body: parseBody(Buffer.concat(chunks)) });
      });
    });
    request.end(payload);
  });
}

function parseBody(buffer) {
  if (buffer.length === 0) return undefined;
  try {
    return JSON.parse(buffer.toString('utf8'));
  } catch {
    return { message: buffer.toString('utf8').slice(0, 200) };
  }
}
