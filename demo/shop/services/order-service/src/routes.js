import { HttpError } from './kit/errors.js';
import { asHttpError } from './upstreams.js';

/** Every route is for a signed-in customer; the session is checked at user-service each time. */
export function createRoutes({ checkout, upstreams, store, limits }) {
  const signedIn = (method, path, handle) => ({
    method,
    path,
    handle: async (request) => {
      try {
        const customer = await upstreams.verifySession(bearer(request.headers));
        return await handle(request, customer);
      } catch (error) {
        throw asHttpError(error);
      }
    },
  });

  return [
    signedIn('POST', '/orders', async ({ body }, customer) => ({
      status: 201,
      body: await checkout.place(body ?? {}, customer),
    })),
    signedIn('GET', '/orders', async (_request, customer) => ({
      status: 200,
      body: { orders: store.ofUser(customer.userId, limits().historyLength) },
    })),
    signedIn('GET', '/orders/:id', async ({ params }, customer) => {
      const order = store.find(params.id);
      if (order?.userId !== customer.userId) {
        throw new HttpError(404, 'UNKNOWN_ORDER', `no such order: ${params.id}`);
      }
      return { status: 200, body: order };
    }),
    signedIn('POST', '/orders/:id/cancel', async ({ params }, customer) => ({
      status: 200,
      body: await checkout.cancel(params.id, customer),
    })),
    signedIn('POST', '/quotes', async ({ body }, customer) => {
      const { sku, quantity, unitPriceMinor } = body ?? {};
      const { state } = await upstreams.readArticle(sku);
      return { status: 200, body: { sku, state, ...checkout.quote({ quantity, unitPriceMinor }, customer) } };
    }),
  ];
}

function bearer(headers) {
  const [scheme, token] = (headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || !token) throw new HttpError(401, 'NOT_SIGNED_IN', 'a session token is required');
  return token;
}
