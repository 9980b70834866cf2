import http from 'node:http';

/** The shop's clock: 10 seconds are an hour. The apps know it as the service does. */
const HOUR_MS = 10_000;
const WEB_RENEWS_AFTER_MS = HOUR_MS / 2;
const APP_TRUSTS_TOKEN_MS = 24 * HOUR_MS;
const ANSWER_DEADLINE_MS = 8_000;
const WEB_CUSTOMERS = 34;
const APP_CUSTOMERS = 12;
/** Places of the 20 in a cycle that come from the mobile app: 15 %. */
const APP_TURNS = new Set([3, 9, 16]);

export interface ShopUrls {
  order: string;
  user: string;
  payment: string;
  inventory: string;
}

export interface Customer {
  userId: string;
  device: 'web' | 'mobile';
  token: string | undefined;
  /** When the client asks for another token, by its own reckoning. */
  refreshAt: number;
  refreshing: Promise<void> | undefined;
}

export interface Answer {
  status: number;
  body: unknown;
}

interface CallOptions {
  token?: string | undefined;
  body?: unknown;
}

/**
 * The customers' side. The web shop renews its session every half hour; the mobile app signs in once and
 * trusts its token for a day, whatever the server thinks.
 */
export function createClients(urls: ShopUrls) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 96, maxFreeSockets: 16, timeout: 15_000 });
  const web = makeCustomers('web', WEB_CUSTOMERS, 1);
  const app = makeCustomers('mobile', APP_CUSTOMERS, 1 + WEB_CUSTOMERS);
  let turn = 0;
  let visitor = 0;

  function call(method: string, url: string, options: CallOptions = {}): Promise<Answer | undefined> {
    const payload = options.body === undefined ? undefined : JSON.stringify(options.body);
    return new Promise((resolve) => {
      const headers: Record<string, string> = {};
      if (options.token) headers['authorization'] = `Bearer ${options.token}`;
      if (payload) headers['content-type'] = 'application/json';
      const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
      const request = http.request(url, { method, agent, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(undefined));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8')) });
        });
      });
      request.on('error', () => resolve(undefined));
      request.end(payload);
    });
  }

  async function signIn(customer: Customer): Promise<void> {
    const { userId, device } = customer;
    const answer = await call('POST', `${urls.user}/sessions`, { body: { userId, device } });
    if (answer?.status !== 201) return;
    const first = customer.token === undefined;
    customer.token = (answer.body as { token: string }).token;
    const trustMs = device === 'web' ? WEB_RENEWS_AFTER_MS : APP_TRUSTS_TOKEN_MS;
    // The first sign-ins all happen at start; their ends are spread as those of a running shop are.
    customer.refreshAt = Date.now() + (first ? trustMs * (0.4 + 0.6 * Math.random()) : trustMs);
  }

  async function refresh(customer: Customer): Promise<void> {
    if (customer.device === 'mobile' || !customer.token) return signIn(customer);
    const answer = await call('POST', `${urls.user}/sessions/renew`, { token: customer.token });
    if (answer?.status === 401) return signIn(customer);
    if (answer?.status !== 200) return;
    customer.token = (answer.body as { token: string }).token;
    customer.refreshAt = Date.now() + WEB_RENEWS_AFTER_MS;
  }

  return {
    call,
    next(): Customer {
      turn += 1;
      const pool = APP_TURNS.has(turn % 20) ? app : web;
      return pool[Math.floor(Math.random() * pool.length)] as Customer;
    },
    nextOnWeb: () => web[Math.floor(Math.random() * web.length)] as Customer,
    async tokenOf(customer: Customer): Promise<string | undefined> {
      if (!customer.token || Date.now() >= customer.refreshAt) {
        customer.refreshing ??= refresh(customer).finally(() => {
          customer.refreshing = undefined;
        });
        await customer.refreshing;
      }
      return customer.token;
    },
    /** Somebody new signs in, looks around and leaves. */
    async visit(): Promise<void> {
      visitor += 1;
      const userId = `u-${String(100 + (visitor % 300)).padStart(4, '0')}`;
      await call('POST', `${urls.user}/sessions`, { body: { userId, device: 'web' } });
    },
    close: () => agent.destroy(),
  };
}

function makeCustomers(device: Customer['device'], count: number, from: number): Customer[] {
  return Array.from({ length: count }, (_, i) => ({
    userId: `u-${String(from + i).padStart(4, '0')}`,
    device,
    token: undefined,
    refreshAt: 0,
    refreshing: undefined,
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
