import { acquirerFee } from './fees.js';
import { HttpError } from './kit/errors.js';
import { withRetry } from './kit/retry.js';

const CURRENCIES = new Set(['EUR', 'SEK', 'PLN']);

/** Taking money and giving it back. Every acquirer call goes through the pool and is tried again on timeout. */
export function createCharges({ gateway, pool, ledger, fraud, idempotency, settings, fees, log }) {
  let counter = 0;

  async function charge(request, key) {
    validate(request);
    return idempotency.once(key, () => capture(request));
  }

  async function capture({ orderId, userId, amountMinor, currency, card }) {
    const verdict = fraud.check({ userId, amountMinor });
    if (verdict.suspicious) {
      throw new HttpError(402, 'CHARGE_BLOCKED', 'charge was blocked by a risk rule', { rule: verdict.rule });
    }
    const answer = await callGateway('authorize', () => gateway.authorize({ amountMinor, currency, card }));
    if (answer.outcome === 'declined') {
      throw new HttpError(402, 'CARD_DECLINED', 'the card was declined', { order_id: orderId });
    }
    counter += 1;
    const feeMinor = acquirerFee({ amountMinor, currency }, fees());
    const charged = { id: `ch-${counter}-${orderId}`, orderId, userId, amountMinor, currency, feeMinor };
    ledger.record({ ...charged, reference: answer.reference });
    log.info('charge captured', { order_id: orderId, amount_minor: amountMinor, currency });
    return charged;
  }

  async function refund({ chargeId, amountMinor }, key) {
    const known = ledger.find(chargeId);
    if (!known) throw new HttpError(404, 'UNKNOWN_CHARGE', `no such charge: ${chargeId}`);
    return idempotency.once(key, async () => {
      const amount = amountMinor ?? ledger.refundable(chargeId);
      if (amount <= 0 || amount > ledger.refundable(chargeId)) {
        throw new HttpError(422, 'NOT_REFUNDABLE', 'more than what is left of the charge');
      }
      await callGateway('refund', () => gateway.refund({ chargeId, amountMinor: amount }));
      const { refundedMinor } = ledger.markRefunded(chargeId, amount);
      log.info('charge refunded', { charge_id: chargeId, amount_minor: amount });
      return { id: chargeId, refundedMinor };
    });
  }

  async function callGateway(operation, call) {
    const { attempts, retryDelayMs } = settings();
    try {
      return await withRetry(() => pool.use(call), {
        attempts,
        baseDelayMs: retryDelayMs,
        isRetryable: (error) => error.code === 'GATEWAY_TIMEOUT',
      });
    } catch (cause) {
      if (cause.code === 'GATEWAY_TIMEOUT') {
        throw new HttpError(
          504,
          cause.code,
          `acquirer gave no answer to ${operation}`,
          { attempts },
          { cause },
        );
      }
      if (cause.code === 'POOL_TIMEOUT') {
        throw new HttpError(503, cause.code, cause.message, { operation, ...pool.stats() }, { cause });
      }
      throw cause;
    }
  }

  return { charge, refund };
}

function validate({ orderId, userId, amountMinor, currency, card }) {
  if (!orderId || !userId) throw new HttpError(400, 'BAD_CHARGE', 'orderId and userId are required');
  if (!Number.isInteger(amountMinor) || amountMinor <= 0) {
    throw new HttpError(400, 'BAD_AMOUNT', 'amountMinor must be a positive whole number');
  }
  if (!CURRENCIES.has(currency))
    throw new HttpError(400, 'BAD_CURRENCY', `unsupported currency: ${currency}`);
  if (!Number.isInteger(card)) throw new HttpError(400, 'BAD_CARD', 'card is required');
}
