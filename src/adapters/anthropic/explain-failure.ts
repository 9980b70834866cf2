import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from '@anthropic-ai/sdk';
import { ModelRefused, ModelUnreachable } from '../../ports/language-model.ts';
import { askedWaitMs, isCut } from './with-retries.ts';

const spendLimits = new Set([
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'linked_organization_spend_limit_reached',
]);

/**
 * What the SDK threw in our words. An abort by the caller stays what it is. The cause keeps status, code and request id
 * and no more: an original can carry the key (a malformed one is quoted by `Headers`), and errors are logged and shown.
 */
export function explainFailure(error: unknown, apiKey: string): unknown {
  if (error instanceof APIUserAbortError || (error instanceof Error && error.name === 'AbortError'))
    return error;
  const options = { cause: safeCause(error, apiKey) };
  if (error instanceof APIConnectionTimeoutError)
    return new ModelUnreachable(
      'too-slow',
      'Claude did not answer in time.',
      'The next incident tries again.',
      options,
    );
  if (error instanceof APIConnectionError || isCut(error))
    return new ModelUnreachable(
      'cut',
      'Claude could not be reached.',
      'Check the network and ANTHROPIC_BASE_URL.',
      options,
    );
  if (error instanceof APIError) return explainStatus(error, options);
  return new ModelRefused(
    'account',
    'The request to Claude could not be made, or its answer not be read.',
    'Check ANTHROPIC_API_KEY (one line, no other characters around it) and ANTHROPIC_BASE_URL.',
    options,
  );
}

function explainStatus(error: APIError, options: ErrorOptions): ModelRefused | ModelUnreachable {
  const { status } = error;
  if (status === 401)
    return new ModelRefused(
      'account',
      'Anthropic refused the key.',
      'Check ANTHROPIC_API_KEY, or empty it to use the evidence engine.',
      options,
    );
  if (status === 403)
    return new ModelRefused(
      'account',
      'The Anthropic key may not do this.',
      'Check what its workspace allows, and that it may use the model of CLAUDE_MODEL.',
      options,
    );
  if (status === 404)
    return new ModelRefused(
      'account',
      'Anthropic knows no such model or address.',
      'Check CLAUDE_MODEL and ANTHROPIC_BASE_URL.',
      options,
    );
  if (status === 413 || isTooLong(error))
    return new ModelRefused(
      'too-large',
      'The conversation is larger than Claude takes.',
      'Nothing to do: the next incident starts a new one.',
      options,
    );
  if (status === 402 || spendLimits.has(error.errorCode ?? ''))
    return new ModelRefused(
      'spend-limit',
      'The spend limit of the Anthropic account is reached.',
      'Raise it in the Anthropic console.',
      options,
    );
  if (status === 429) return explainRateLimit(error, options);
  if (status === undefined || status === 408 || status === 409 || status >= 500)
    return new ModelUnreachable(
      status === undefined || status === 529 ? 'overloaded' : 'failed',
      status === undefined || status === 529 ? 'Claude is overloaded.' : `Claude failed (${status}).`,
      'It was tried three times; the next incident tries again.',
      options,
    );
  return new ModelRefused(
    'bad-request',
    `Claude refused the request (${status}).`,
    'The log has its reason. Check CLAUDE_MODEL; otherwise this is a defect of Warroom: please report it.',
    options,
  );
}

function explainRateLimit(error: APIError, options: ErrorOptions): ModelRefused | ModelUnreachable {
  const waitMs = askedWaitMs(error);
  if (waitMs === null)
    return new ModelRefused(
      'spend-limit',
      'A rate or spend limit of the Anthropic account is reached.',
      'Look at the limits in the Anthropic console.',
      options,
    );
  return new ModelUnreachable(
    'rate-limited',
    `Claude’s rate limit is reached (it asks to wait ${Math.ceil(waitMs / 1000)} s).`,
    'The next incident tries again; raise the limits in the Anthropic console if this happens often.',
    options,
  );
}

/** A window that is too small has no code of its own: the API says it in words, with the same type as any bad request. */
function isTooLong(error: APIError): boolean {
  return error.status === 400 && /prompt is too long/i.test(error.apiMessage ?? '');
}

/** Without request, response or headers of the original. */
function safeCause(error: unknown, apiKey: string): Error {
  const said =
    error instanceof APIError && !(error instanceof APIConnectionError)
      ? [error.status, error.type, error.errorCode, error.requestID, error.apiMessage]
      : namesOf(error, error instanceof APIConnectionError || isCut(error));
  const text = said.filter((part) => part !== null && part !== undefined && part !== '').join(' ');
  const hidden = (apiKey === '' ? text : text.replaceAll(apiKey, '[key]')).replaceAll(
    /\/\/[^/\s@]*@/g,
    '//[credentials]@',
  );
  return new Error(hidden.slice(0, 2000));
}

/** Names and codes of an error and what caused it; messages only where it is the network that speaks. */
function namesOf(error: unknown, withMessages: boolean): string[] {
  if (!(error instanceof Error)) return [];
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const message = withMessages ? [error.message] : [];
  return [error.name, ...code, ...message, ...namesOf(error.cause, withMessages)];
}
