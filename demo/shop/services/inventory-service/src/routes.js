import { HttpError } from './kit/errors.js';

const PAGE = { limit: 12, max: 50 };

export function createRoutes({ availability, forecast, reservations }) {
  return [
    {
      method: 'GET',
      path: '/stock/:sku',
      handle: ({ params }) => ({ status: 200, body: availability.one(params.sku) }),
    },
    {
      method: 'GET',
      path: '/catalog',
      handle: ({ query }) => {
        const offset = readNumber(query, 'offset', 0);
        const limit = Math.min(readNumber(query, 'limit', PAGE.limit), PAGE.max);
        return { status: 200, body: { articles: availability.page({ offset, limit }) } };
      },
    },
    {
      method: 'GET',
      path: '/forecasts/:sku',
      handle: ({ params }) => ({ status: 200, body: forecast(params.sku) }),
    },
    {
      method: 'POST',
      path: '/reservations',
      handle: ({ body }) => ({ status: 201, body: reservations.reserve(body ?? {}) }),
    },
    {
      method: 'POST',
      path: '/reservations/:id/confirm',
      handle: ({ params }) => {
        reservations.confirm(params.id);
        return { status: 200, body: { id: params.id, state: 'confirmed' } };
      },
    },
    {
      method: 'DELETE',
      path: '/reservations/:id',
      handle: ({ params }) => ({
        status: 200,
        body: { id: params.id, state: reservations.release(params.id) ? 'released' : 'gone' },
      }),
    },
  ];
}

function readNumber(query, name, fallback) {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new HttpError(400, 'BAD_QUERY', `${name} must be a whole number`);
  }
  return value;
}
