import { HttpError, UpstreamError } from './kit/errors.js';

/** The three services an order needs, each call turned into a value or an error that names its upstream. */
export function createUpstreams({ user, inventory, payment }) {
  return {
    async verifySession(token) {
      const { status, body } = await user.post('/sessions/verify', { token });
      if (status === 200) return body;
      if (status === 403) throw new HttpError(403, body.code, body.message);
      throw rejected('user-service', status, body);
    },
    async readArticle(sku) {
      const { status, body } = await inventory.get(`/stock/${encodeURIComponent(sku)}`);
      if (status === 200) return body;
      if (status === 404) throw new HttpError(422, 'UNKNOWN_SKU', `no such article: ${sku}`);
      throw rejected('inventory-service', status, body);
    },
    async reserve(request) {
      const { status, body } = await inventory.post('/reservations', request);
      if (status === 201) return body;
      if (status === 404 || status === 409 || status === 422)
        throw new HttpError(status, body.code, body.message);
      throw rejected('inventory-service', status, body);
    },
    async confirmReservation(id) {
      const { status } = await inventory.post(`/reservations/${id}/confirm`);
      return status === 200;
    },
    async releaseReservation(id) {
      await inventory.delete(`/reservations/${id}`);
    },
    async charge(request) {
      const headers = { 'idempotency-key': `charge-${request.orderId}` };
      const { status, body } = await payment.post('/charges', request, { headers });
      if (status === 201) return body;
      if (status === 402) throw new HttpError(402, body.code, body.message);
      throw rejected('payment-service', status, body);
    },
    async refund(chargeId, orderId) {
      const headers = { 'idempotency-key': `refund-${orderId}` };
      const { status, body } = await payment.post('/refunds', { chargeId }, { headers });
      if (status === 201 || status === 404) return body;
      throw rejected('payment-service', status, body);
    },
  };
}

function rejected(upstream, status, body) {
  const reason = body?.code ?? 'no reason given';
  const error = new UpstreamError(upstream, 'UPSTREAM_REJECTED', `${upstream} answered ${status}: ${reason}`);
  error.upstreamStatus = status;
  error.upstreamCode = body?.code;
  return error;
}

/** What a customer sees when an upstream lets us down: 504 for silence, 502 for a bad answer. */
export function asHttpError(error) {
  if (!(error instanceof UpstreamError)) return error;
  const status = error.code === 'UPSTREAM_TIMEOUT' ? 504 : 502;
  const details = {
    upstream: error.upstream,
    upstream_status: error.upstreamStatus,
    upstream_code: error.upstreamCode,
  };
  return new HttpError(status, error.code, error.message, details, { cause: error });
}
