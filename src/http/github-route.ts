import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Metrics } from '../platform/metrics.ts';
import { errorReply, type HttpRequest, jsonReply, type Reply, type Route } from './route.ts';

export interface GithubRouteOptions {
  /** The webhook's secret; with none nobody gets in. */
  readonly secret: string | null;
  /** Some branch of a repository has moved. Returns at once. @returns services whose source is fetched for it */
  onPush(push: { slug: string; branch: string }): readonly string[];
  readonly metrics: Metrics;
}

/** Only what is used; a push has far more in it. */
const pushSchema = z.object({
  ref: z.string().max(1000),
  repository: z.object({ full_name: z.string().max(300) }),
});
const branchPrefix = 'refs/heads/';

/**
 * `POST /hooks/github`: pushes to the services' branches, so that their source is here before an incident asks for it.
 * Nothing but the name of a repository is taken from a delivery, and one that comes again or late costs a fetch at most.
 */
export function createGithubRoute(options: GithubRouteOptions): Route {
  const deliveries = options.metrics.counter(
    'warroom_push_deliveries_total',
    'Deliveries of the GitHub webhook by outcome.',
  );

  function answer(outcome: string, reply: Reply): Reply {
    deliveries.add(1, { outcome });
    return reply;
  }

  return {
    method: 'POST',
    path: '/hooks/github',
    // The signature is over the body, so it is read before anybody is let in: it may be large for a push, but no larger.
    access: { kind: 'open' },
    maxBodyBytes: 4 << 20,
    handle(request) {
      if (options.secret === null) return answer('refused', notConfigured());
      if (!isSigned(request, options.secret)) return answer('refused', notSigned());
      const event = request.headers['x-github-event'];
      if (event !== 'push')
        return answer('ignored', jsonReply(200, { ignored: String(event ?? 'no event') }));
      const push = parsePush(request);
      if (push === null) return answer('unparseable', notAPush());
      // A tag is no branch of a service.
      if (!push.ref.startsWith(branchPrefix)) return answer('ignored', jsonReply(200, { fetching: [] }));
      const fetching = options.onPush({
        slug: push.repository.full_name,
        branch: push.ref.slice(branchPrefix.length),
      });
      return answer(fetching.length > 0 ? 'accepted' : 'ignored', jsonReply(202, { fetching }));
    },
  };
}

/** Of the bytes as they came, in constant time whatever was sent. */
function isSigned({ headers, body }: HttpRequest, secret: string): boolean {
  const given = headers['x-hub-signature-256'];
  if (typeof given !== 'string') return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  // Only digits are decoded, so that it is as long as a digest, whatever characters were sent.
  const [, digits] = /^sha256=([0-9a-f]{64})$/.exec(given) ?? [];
  return digits !== undefined && timingSafeEqual(Buffer.from(digits, 'hex'), expected);
}

/** As JSON, or as the form that GitHub sends unless it is told otherwise. */
function parsePush({ headers, body }: HttpRequest): z.infer<typeof pushSchema> | null {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const text = isForm
    ? (new URLSearchParams(body.toString('utf8')).get('payload') ?? '')
    : body.toString('utf8');
  try {
    return pushSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function notConfigured(): Reply {
  return errorReply(
    401,
    'not_admitted',
    'No secret is configured for this address.',
    'Set GITHUB_WEBHOOK_SECRET for Warroom, and the same secret at the webhook.',
  );
}

function notSigned(): Reply {
  return errorReply(
    401,
    'not_admitted',
    'The delivery carries no valid signature.',
    'Compare the secret of the webhook with GITHUB_WEBHOOK_SECRET.',
  );
}

function notAPush(): Reply {
  return errorReply(
    400,
    'not_a_push',
    'The delivery is no push event of GitHub.',
    'Choose application/json as its content type, and "Just the push event".',
  );
}
