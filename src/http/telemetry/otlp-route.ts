import type { Access } from '../authentication.ts';
import { errorReply, type HttpRequest, jsonReply, type Reply, type Route } from '../route.ts';
import {
  decodeExportRequest,
  encodeExportResponse,
  encodeRpcStatus,
  type OtlpSignal,
} from './otlp-schema.ts';
import { parseJson } from './parse-log-body.ts';

const protobufType = 'application/x-protobuf';
const invalidArgument = 3;

/** OTLP/HTTP for one signal, in JSON and protobuf; each is answered in its own kind. */
export function otlpRoute(options: {
  readonly path: string;
  readonly access: Access;
  readonly signal: OtlpSignal;
  /** The signal in words: "trace". */
  readonly what: string;
  /** What OTLP's JSON calls the number of entries left out. */
  readonly rejectedField: string;
  /** Stores what can be read; undefined when the body is something else. */
  accept(body: unknown, request: HttpRequest): Promise<{ rejected: number; why: string } | undefined>;
}): Route {
  async function handle(request: HttpRequest): Promise<Reply> {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const binary = type === protobufType || type === 'application/protobuf';
    if (!binary && type !== 'application/json')
      return errorReply(
        415,
        'unknown_type',
        `A ${options.what} export of type ${type.slice(0, 60)} is not understood here.`,
        'Use OTLP/HTTP.',
      );

    const body = binary
      ? decodeOrUndefined(options.signal, request.body)
      : parseJson(request.body.toString('utf8'));
    const accepted = await options.accept(body, request);
    if (accepted === undefined) {
      const message = `the body is no OTLP ${options.what} request in ${binary ? 'protobuf' : 'JSON'}`;
      return binary
        ? binaryReply(400, encodeRpcStatus(invalidArgument, message))
        : jsonReply(400, { code: invalidArgument, message });
    }
    const { rejected, why } = accepted;
    const errorMessage = rejected === 0 ? '' : why;
    if (binary) return binaryReply(200, encodeExportResponse(rejected, errorMessage));
    // 64-bit numbers are text in protobuf's JSON.
    const partialSuccess = { [options.rejectedField]: String(rejected), errorMessage };
    return jsonReply(200, rejected === 0 ? {} : { partialSuccess });
  }

  const { path, access } = options;
  return { method: 'POST', path, access, maxBodyBytes: 16 << 20, deadlineMs: 30_000, handle };
}

function decodeOrUndefined(signal: OtlpSignal, bytes: Uint8Array): unknown {
  try {
    return decodeExportRequest(signal, bytes);
  } catch {
    return undefined;
  }
}

function binaryReply(status: number, body: Uint8Array): Reply {
  return { status, headers: { 'content-type': protobufType }, body };
}
