import { HttpError } from './kit/errors.js';

export function createRoutes({ sessions, profiles }) {
  return [
    {
      method: 'POST',
      path: '/sessions',
      handle: ({ body }) => ({ status: 201, body: sessions.open(body ?? {}) }),
    },
    {
      method: 'POST',
      path: '/sessions/renew',
      handle: ({ headers }) => ({ status: 200, body: sessions.renew(bearer(headers)) }),
    },
    {
      method: 'POST',
      path: '/sessions/verify',
      handle: ({ body }) => ({ status: 200, body: sessions.verify(body?.token) }),
    },
    {
      method: 'GET',
      path: '/users/:id',
      handle: ({ params }) => ({ status: 200, body: profiles.read(params.id) }),
    },
    {
      method: 'POST',
      path: '/users/:id/preferences',
      handle: ({ params, headers, body }) => {
        const { userId } = sessions.verify(bearer(headers));
        if (userId !== params.id) throw new HttpError(403, 'NOT_YOURS', 'only the owner may change this');
        return { status: 200, body: profiles.updatePreferences(params.id, body) };
      },
    },
  ];
}

function bearer(headers) {
  const [scheme, token] = (headers.authorization ?? '').split(' ');
  return scheme === 'Bearer' ? token : undefined;
}
