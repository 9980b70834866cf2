import { HttpError } from './kit/errors.js';

export function createRoutes({ charges, ledger, archive, history, methods }) {
  return [
    {
      method: 'POST',
      path: '/charges',
      handle: async ({ body, headers }) => ({
        status: 201,
        body: await charges.charge(body ?? {}, headers['idempotency-key']),
      }),
    },
    {
      method: 'GET',
      path: '/charges/:id',
      handle: async ({ params }) => {
        const charge = ledger.find(params.id) ?? (await archive.find(params.id));
        if (!charge) throw new HttpError(404, 'UNKNOWN_CHARGE', `no such charge: ${params.id}`);
        return { status: 200, body: charge };
      },
    },
    {
      method: 'GET',
      path: '/customers/:id/payments',
      handle: async ({ params }) => ({ status: 200, body: await history.recent(params.id) }),
    },
    {
      method: 'POST',
      path: '/refunds',
      handle: async ({ body, headers }) => ({
        status: 201,
        body: await charges.refund(body ?? {}, headers['idempotency-key']),
      }),
    },
    {
      method: 'GET',
      path: '/methods/:country',
      handle: ({ params }) => {
        const { byCountry, everywhere } = methods();
        return { status: 200, body: { methods: [...everywhere, ...(byCountry[params.country] ?? [])] } };
      },
    },
  ];
}
