import { HttpError } from './kit/errors.js';
import { currencyOf, priceOrder } from './pricing.js';

/**
 * Places and cancels orders. Stock is held before money is taken; when the charge fails the hold is
 * given back, so that a failed order leaves nothing behind.
 */
export function createCheckout({
  upstreams,
  store,
  nextNumber,
  pricing,
  promotions,
  limits,
  log,
  now = Date.now,
}) {
  function validate({ sku, quantity, unitPriceMinor, card }) {
    if (typeof sku !== 'string' || sku === '') throw new HttpError(400, 'BAD_ORDER', 'sku is required');
    if (!Number.isInteger(quantity) || quantity < 1) {
      throw new HttpError(400, 'BAD_QUANTITY', 'quantity must be a positive whole number');
    }
    if (quantity > limits().maxQuantity) {
      throw new HttpError(422, 'QUANTITY_TOO_LARGE', `at most ${limits().maxQuantity} pieces per order`);
    }
    if (!Number.isInteger(unitPriceMinor) || !Number.isInteger(card)) {
      throw new HttpError(400, 'BAD_ORDER', 'unitPriceMinor and card are required');
    }
  }

  function quote({ unitPriceMinor, quantity }, customer) {
    const input = { unitPriceMinor, quantity, country: customer.country, tier: customer.tier };
    const price = priceOrder({ ...input, promotions: promotions() }, pricing());
    return { ...price, currency: currencyOf(customer.country, pricing()) };
  }

  async function place(request, customer) {
    validate(request);
    const { sku, quantity, card } = request;
    const orderId = nextNumber();
    const price = quote(request, customer);
    const reservation = await upstreams.reserve({ orderId, sku, quantity, country: customer.country });
    const charge = await takePayment({ orderId, customer, price, card, reservation });
    const confirmed = await upstreams.confirmReservation(reservation.id);
    if (!confirmed) log.warn('reservation was gone at confirmation', { order_id: orderId, sku });
    const order = {
      id: orderId,
      userId: customer.userId,
      sku,
      quantity,
      price,
      chargeId: charge.id,
      state: 'placed',
      placedAt: new Date(now()).toISOString(),
    };
    store.save(order);
    log.info('order placed', { order_id: orderId, sku, quantity, total_minor: price.totalMinor });
    return order;
  }

  async function takePayment({ orderId, customer, price, card, reservation }) {
    try {
      return await upstreams.charge({
        orderId,
        userId: customer.userId,
        amountMinor: price.totalMinor,
        currency: price.currency,
        card,
      });
    } catch (error) {
      await upstreams
        .releaseReservation(reservation.id)
        .catch((cause) => log.warn('reservation not released', { order_id: orderId, error: cause }));
      throw error;
    }
  }

  async function cancel(orderId, customer) {
    const order = store.find(orderId);
    if (!order || order.userId !== customer.userId) {
      throw new HttpError(404, 'UNKNOWN_ORDER', `no such order: ${orderId}`);
    }
    if (order.state !== 'cancelled') {
      await upstreams.refund(order.chargeId, order.id);
      order.state = 'cancelled';
      log.info('order cancelled', { order_id: orderId });
    }
    return order;
  }

  return { quote, place, cancel };
}
