import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';

/** What a failed call to Slack means for the one who made it. */
export type CallFailure =
  /** Too fast: the same call works after `retryAfterMs`. */
  | { readonly kind: 'wait'; readonly retryAfterMs: number }
  /** Slack or the way to it is down; the call may or may not have had its effect. */
  | { readonly kind: 'outage'; readonly reason: string }
  /** The installation is at fault (token, scopes): works again once an operator has repaired it. */
  | { readonly kind: 'operator'; readonly code: string }
  /** Slack understood and said no. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

const operatorCodes = new Set(
  (
    'invalid_auth not_authed account_inactive token_revoked token_expired missing_scope not_allowed_token_type ' +
    'no_permission restricted_action ekm_access_denied org_login_required team_access_not_granted access_denied ' +
    'enterprise_is_restricted user_is_restricted two_factor_setup_required'
  ).split(' '),
);

const outageCodes = new Set(
  'internal_error fatal_error service_unavailable request_timeout team_added_to_org accesslimited'.split(' '),
);

/** Undefined when the error did not come from a call to Slack. */
export function judgeFailure(error: unknown): CallFailure | undefined {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'wait', retryAfterMs: error.retryAfter * 1000 };
  if (error instanceof WebAPIRequestError) return { kind: 'outage', reason: error.message };
  if (error instanceof WebAPIHTTPError) {
    return { kind: 'outage', reason: `HTTP ${error.statusCode}` };
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (code === 'ratelimited' || code === 'rate_limited') {
      return { kind: 'wait', retryAfterMs: (error.data.response_metadata?.retryAfter ?? 5) * 1000 };
    }
    if (outageCodes.has(code)) return { kind: 'outage', reason: code };
    if (operatorCodes.has(code)) return { kind: 'operator', code };
    const details = error.data.response_metadata?.messages?.join('; ');
    return { kind: 'refused', code, reason: details ? `${code}: ${details}` : code };
  }
  return undefined;
}

/** Slack's error code when it said no to the call; undefined for everything else. */
export function refusalCode(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}
