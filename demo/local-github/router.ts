/** A request as the local GitHub sees it; the body is already read whole. */
export type ApiRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
};

export type Answer = {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
};

export type Route = {
  method: string;
  pattern: RegExp;
  /** `params` are the pattern's named groups, percent-decoded. */
  handle: (request: ApiRequest, params: Record<string, string>) => Promise<Answer>;
};

/** An answer that a route gives by throwing, in GitHub's error shape. */
export class GithubRefusal extends Error {
  readonly status: number;
  readonly errors: unknown[] | undefined;

  constructor(status: number, message: string, errors?: unknown[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export function answerJson(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function answerText(status: number, text: string, contentType = 'text/plain; charset=utf-8'): Answer {
  return { status, headers: { 'content-type': contentType }, body: text };
}

export function answerRefusal(refusal: GithubRefusal): Answer {
  return answerJson(refusal.status, {
    message: refusal.message,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    documentation_url: 'https://docs.github.com/rest',
    status: String(refusal.status),
  });
}

export function readJsonBody(request: ApiRequest): Record<string, unknown> {
  if (request.body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // falls through to GitHub's own answer for unparseable bodies
  }
  throw new GithubRefusal(400, 'Problems parsing JSON');
}

/** A field of a JSON body when it is text. */
export function textField(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

/** Patterns: `:name` is one segment, `*name` is the rest of the path. */
export function route(method: string, path: string, handle: Route['handle']): Route {
  const source = path
    .replaceAll('.', '\\.')
    .replace(/\*(\w+)/g, '(?<$1>.+)')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${source}$`), handle };
}

export function matchRoute(
  routes: readonly Route[],
  request: ApiRequest,
): { route: Route; params: Record<string, string> } | undefined {
  for (const candidate of routes) {
    if (candidate.method !== request.method) continue;
    const match = candidate.pattern.exec(request.path);
    if (match === null) continue;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(match.groups ?? {})) params[name] = decodeURIComponent(value);
    return { route: candidate, params };
  }
  return undefined;
}

/** GitHub's paging: `page` and `per_page` (at most 100), and the Link header that Octokit follows. */
export function readPaging(request: ApiRequest): { page: number; perPage: number } {
  const perPage = Number(request.query.get('per_page') ?? '30');
  const page = Number(request.query.get('page') ?? '1');
  return {
    page: Number.isInteger(page) && page > 0 ? page : 1,
    perPage: Number.isInteger(perPage) && perPage > 0 ? Math.min(perPage, 100) : 30,
  };
}

export function linkHeader(origin: string, request: ApiRequest, hasMore: boolean): Record<string, string> {
  const { page } = readPaging(request);
  const urlOf = (target: number): string => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(target));
    return `<${origin}${request.path}?${query.toString()}>`;
  };
  const links: string[] = [];
  if (page > 1) links.push(`${urlOf(page - 1)}; rel="prev"`, `${urlOf(1)}; rel="first"`);
  if (hasMore) links.push(`${urlOf(page + 1)}; rel="next"`);
  return links.length === 0 ? {} : { link: links.join(', ') };
}
