import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { verifyLink } from '../platform/signed-links.ts';

/**
 * Either way in is enough; with neither configured nobody gets in. Log shippers that know only basic auth may send the
 * bearer token as the password of any user.
 */
export interface Credentials {
  readonly bearer: string | null;
  readonly basic: { readonly user: string; readonly password: string } | null;
  /** Name of the setting that holds them, for the sentence in a 401. */
  readonly setting: string;
}

export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** `?sig=` made by `createLinks` with this secret for exactly this path. */
  | { readonly kind: 'signed-link'; readonly secret: string };

export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly message: string; readonly hint: string };

export function admit(
  access: Access,
  request: { path: string; query: URLSearchParams; headers: IncomingHttpHeaders },
): Admission {
  switch (access.kind) {
    case 'open':
      return { admitted: true };
    case 'signed-link':
      return verifyLink(request.path, request.query.get('sig') ?? '', access.secret)
        ? { admitted: true }
        : {
            admitted: false,
            message: 'This link carries no valid signature.',
            hint: 'Open it from the incident channel in Slack; links typed by hand do not work.',
          };
    case 'credentials':
      return admitByHeader(access.credentials, request.headers.authorization);
    default:
      return access satisfies never;
  }
}

function admitByHeader(credentials: Credentials, header: string | undefined): Admission {
  const { bearer, basic, setting } = credentials;
  if (bearer === null && basic === null)
    return refuse(
      'No credentials are configured for this address.',
      `Set ${setting} for Warroom and send its value.`,
    );
  if (header === undefined)
    return refuse(
      'The request has no Authorization header.',
      `Send the value of ${setting} as a bearer token.`,
    );

  const [scheme, value] = splitOnce(header.trim(), ' ');
  const given = value.trim();
  if (scheme.toLowerCase() === 'bearer' && bearer !== null && sameSecret(given, bearer))
    return { admitted: true };
  if (scheme.toLowerCase() === 'basic') {
    const [user, password] = splitOnce(Buffer.from(given, 'base64').toString('utf8'), ':');
    if (bearer !== null && sameSecret(password, bearer)) return { admitted: true };
    // Both are compared before either decides, so that time tells nothing of which was wrong.
    const sameUser = basic !== null && sameSecret(user, basic.user);
    const samePassword = basic !== null && sameSecret(password, basic.password);
    if (sameUser && samePassword) return { admitted: true };
  }
  return refuse(
    'The credentials in the Authorization header are not the right ones.',
    `Compare them with ${setting}.`,
  );
}

function refuse(message: string, hint: string): Admission {
  return { admitted: false, message, hint };
}

/** Constant time whatever the lengths: digests are compared. */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
