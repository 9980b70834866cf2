import { type Customer, createClients, type ShopUrls } from './load-clients.ts';

/** Calls per second of each thing that customers and the web shop do. */
const RATES = {
  placeOrder: 15,
  readOrder: 2.5,
  readHistory: 1.5,
  cancelOrder: 0.7,
  quote: 3,
  signIn: 0.5,
  readProfile: 2.5,
  changePreferences: 0.5,
  browse: 2,
  checkStock: 3,
  readForecast: 0.4,
  paymentMethods: 1.5,
  readCharge: 0.7,
  readPayments: 6,
} as const;

const SINGLES =
  'LMP-101 LMP-102 LMP-103 CHR-201 CHR-202 CHR-203 TBL-301 TBL-302 RUG-401 RUG-402 SHF-501 SHF-502 VAS-601 VAS-602 MIR-701 BLK-801 BLK-802'.split(
    ' ',
  );
const BUNDLES = ['SET-901', 'SET-902', 'SET-903'];
/** One purchase in five is a bundle. */
const BUNDLE_EVERY = 5;
const TICK_MS = 50;
const MAX_IN_FLIGHT = 160;
const REMEMBERED_ORDERS = 200;

interface PlacedOrder {
  id: string;
  chargeId: string;
  customer: Customer;
}

/** Steady traffic on every route until stopped. Work arrives by the clock, whether or not answers come back. */
export function startLoad(urls: ShopUrls): { pace(factor: number): void; stop(): void } {
  const clients = createClients(urls);
  const { call } = clients;
  const orders: PlacedOrder[] = [];
  let sequence = 0;
  let inFlight = 0;
  let factor = 1;

  function item() {
    sequence += 1;
    const shelf = sequence % BUNDLE_EVERY === 0 ? BUNDLES : SINGLES;
    const sku = shelf[Math.floor(Math.random() * shelf.length)];
    return { sku, quantity: 1 + (sequence % 3), unitPriceMinor: 1900 + ((sequence * 37) % 60) * 100 };
  }

  const pickOrder = () => orders[Math.floor(Math.random() * orders.length)];

  const doings: Record<keyof typeof RATES, () => Promise<unknown>> = {
    async placeOrder() {
      const customer = clients.next();
      const answer = await call('POST', `${urls.order}/orders`, {
        token: await clients.tokenOf(customer),
        body: { ...item(), card: 1 + (sequence % 500) },
      });
      if (answer?.status !== 201) return;
      const { id, chargeId } = answer.body as { id: string; chargeId: string };
      orders.push({ id, chargeId, customer });
      if (orders.length > REMEMBERED_ORDERS) orders.shift();
    },
    async readOrder() {
      const order = pickOrder();
      if (!order) return;
      const answer = await call('GET', `${urls.order}/orders/${order.id}`, {
        token: await clients.tokenOf(order.customer),
      });
      // Orders live in the service's memory: after a new release the old ones are nobody's business any more.
      if (answer?.status === 404) orders.length = 0;
    },
    async readHistory() {
      await call('GET', `${urls.order}/orders`, { token: await clients.tokenOf(clients.next()) });
    },
    async cancelOrder() {
      const order = orders.shift();
      if (!order) return;
      const token = await clients.tokenOf(order.customer);
      await call('POST', `${urls.order}/orders/${order.id}/cancel`, { token });
    },
    async quote() {
      await call('POST', `${urls.order}/quotes`, {
        token: await clients.tokenOf(clients.next()),
        body: item(),
      });
    },
    signIn: () => clients.visit(),
    async readProfile() {
      await call('GET', `${urls.user}/users/${clients.next().userId}`);
    },
    async changePreferences() {
      const customer = clients.nextOnWeb();
      const token = await clients.tokenOf(customer);
      const body = { newsletter: sequence % 2 === 0 };
      await call('POST', `${urls.user}/users/${customer.userId}/preferences`, { token, body });
    },
    browse: () => call('GET', `${urls.inventory}/catalog?offset=${(sequence % 2) * 10}&limit=10`),
    checkStock: () => call('GET', `${urls.inventory}/stock/${item().sku}`),
    readForecast: () => call('GET', `${urls.inventory}/forecasts/${item().sku}`),
    paymentMethods: () => call('GET', `${urls.payment}/methods/${sequence % 2 === 0 ? 'DE' : 'SE'}`),
    async readCharge() {
      const order = orders[0];
      if (!order) return;
      const answer = await call('GET', `${urls.payment}/charges/${order.chargeId}`);
      // Charges live in memory as well: cancelling an order from before the release would ask for a refund of nothing.
      if (answer?.status === 404) orders.length = 0;
    },
    readPayments: () => call('GET', `${urls.payment}/customers/${clients.next().userId}/payments`),
  };

  const due = Object.keys(RATES).map((name) => ({ name: name as keyof typeof RATES, owed: Math.random() }));
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const elapsedS = Math.min((now - last) / 1000, 0.5);
    last = now;
    for (const activity of due) {
      activity.owed += RATES[activity.name] * factor * elapsedS;
      for (; activity.owed >= 1; activity.owed -= 1) {
        if (inFlight >= MAX_IN_FLIGHT) continue;
        inFlight += 1;
        void doings[activity.name]().finally(() => {
          inFlight -= 1;
        });
      }
    }
  }, TICK_MS);

  return {
    /** From now on so many times the usual load. */
    pace(times) {
      factor = times;
    },
    stop() {
      clearInterval(timer);
      clients.close();
    },
  };
}
