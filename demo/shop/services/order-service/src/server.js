import { join } from 'node:path';
import { createCheckout } from './checkout.js';
import { createConfig } from './kit/config.js';
import { createHttpClient } from './kit/http-client.js';
import { createHttpServer } from './kit/http-server.js';
import { runService } from './kit/lifecycle.js';
import { createLog } from './kit/log.js';
import { createTelemetry } from './kit/telemetry.js';
import { createOrderNumbers } from './order-number.js';
import { createOrderStore } from './order-store.js';
import { createRoutes } from './routes.js';
import { createUpstreams } from './upstreams.js';

const service = 'order-service';
const telemetry = createTelemetry({ service, version: process.env.SERVICE_VERSION });
const log = createLog({ service, context: telemetry.traceContext });
const config = createConfig(join(import.meta.dirname, '../config'));

const clientFor = (name, baseUrl) =>
  createHttpClient({
    upstream: `${name}-service`,
    baseUrl,
    settings: () => config.section('upstreams')[name],
    instrument: telemetry.instrumentCall,
  });
const clients = {
  user: clientFor('user', process.env.USER_SERVICE_URL),
  inventory: clientFor('inventory', process.env.INVENTORY_SERVICE_URL),
  payment: clientFor('payment', process.env.PAYMENT_SERVICE_URL),
};

const limits = () => config.section('limits');
const upstreams = createUpstreams(clients);
const store = createOrderStore({ settings: limits });
const checkout = createCheckout({
  upstreams,
  store,
  nextNumber: createOrderNumbers(),
  pricing: () => config.section('pricing'),
  promotions: () => config.section('promotions').active,
  limits,
  log,
});

runService({
  server: createHttpServer({ routes: createRoutes({ checkout, upstreams, store, limits }), telemetry, log }),
  config,
  log,
  telemetry,
  port: Number(process.env.PORT),
  onStop: () => {
    for (const client of Object.values(clients)) client.close();
  },
});
