import { allocate } from './allocation.js';
import { HttpError } from './kit/errors.js';

/** Holds pieces for an order until it is confirmed, released, or the hold runs out. */
export function createReservations({ catalog, stock, cache, warehouses, settings, log, now = Date.now }) {
  const held = new Map();
  let counter = 0;

  function reserve({ orderId, sku, quantity, country }) {
    const { maxQuantity, holdMs } = settings();
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > maxQuantity) {
      throw new HttpError(422, 'BAD_QUANTITY', `quantity must be 1 to ${maxQuantity}`);
    }
    const article = catalog.find(sku);
    if (!article) throw new HttpError(404, 'UNKNOWN_SKU', `no such article: ${sku}`);
    const lines = allocate({
      pickList: catalog.pickList(article, quantity),
      country,
      warehouses: warehouses(),
      stock,
    });
    if (!lines) throw new HttpError(409, 'OUT_OF_STOCK', `${sku} is out of stock`, { sku });
    for (const line of lines) {
      stock.take(line.warehouseId, line.sku, line.quantity);
      cache.drop(line.sku);
    }
    counter += 1;
    const reservation = {
      id: `r-${counter}-${now()}`,
      orderId,
      sku,
      quantity,
      lines,
      expiresAt: now() + holdMs,
    };
    held.set(reservation.id, reservation);
    log.info('stock reserved', { order_id: orderId, sku, quantity, warehouse: lines[0].warehouseId });
    return { id: reservation.id, expiresAt: new Date(reservation.expiresAt).toISOString() };
  }

  function confirm(id) {
    if (!held.delete(id)) throw new HttpError(404, 'UNKNOWN_RESERVATION', `no such reservation: ${id}`);
  }

  function release(id) {
    const reservation = held.get(id);
    if (!reservation) return false;
    held.delete(id);
    for (const line of reservation.lines) {
      stock.put(line.warehouseId, line.sku, line.quantity);
      cache.drop(line.sku);
    }
    return true;
  }

  function releaseExpired() {
    let released = 0;
    for (const reservation of held.values()) {
      if (reservation.expiresAt <= now() && release(reservation.id)) released += 1;
    }
    if (released > 0) log.info('expired reservations released', { released });
    return released;
  }

  return { reserve, confirm, release, releaseExpired, open: () => held.size };
}
