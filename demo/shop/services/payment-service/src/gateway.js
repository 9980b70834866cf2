import { setTimeout as pause } from 'node:timers/promises';

export class GatewayTimeout extends Error {
  constructor(timeoutMs) {
    super(`acquirer did not answer in ${timeoutMs} ms`);
    this.name = 'GatewayTimeout';
    this.code = 'GATEWAY_TIMEOUT';
  }
}

/** The acquirer. Staging uses its simulator: 75–125 ms an answer, one card in a hundred declined. */
export function createGateway({ settings, sleep = pause, random = Math.random }) {
  let sequence = 0;

  async function call(operation, request) {
    const { timeoutMs, simulator } = settings();
    sequence += 1;
    const reference = `acq-${operation}-${sequence}`;
    const latencyMs = simulator.minLatencyMs + random() * simulator.spreadMs;
    if (latencyMs > timeoutMs) {
      await sleep(timeoutMs);
      throw new GatewayTimeout(timeoutMs);
    }
    await sleep(latencyMs);
    const declined = operation === 'authorize' && request.card % simulator.declineEvery === 0;
    return declined ? { outcome: 'declined', reference } : { outcome: 'accepted', reference };
  }

  return {
    authorize: (request) => call('authorize', request),
    refund: (request) => call('refund', request),
  };
}
