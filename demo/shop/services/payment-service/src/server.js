import { join } from 'node:path';
import { openArchive } from './archive.js';
import { createCharges } from './charges.js';
import { createConnectionPool } from './connection-pool.js';
import { createFraudCheck } from './fraud.js';
import { createGateway } from './gateway.js';
import { createHistory } from './history.js';
import { createIdempotency } from './idempotency.js';
import { createConfig } from './kit/config.js';
import { createHttpServer } from './kit/http-server.js';
import { runService } from './kit/lifecycle.js';
import { createLog } from './kit/log.js';
import { createTelemetry } from './kit/telemetry.js';
import { createLedger } from './ledger.js';
import { createRoutes } from './routes.js';

const service = 'payment-service';
const telemetry = createTelemetry({ service, version: process.env.SERVICE_VERSION });
const log = createLog({ service, context: telemetry.traceContext });
const config = createConfig(join(import.meta.dirname, '../config'));

const ledger = createLedger({ settings: () => config.section('ledger') });
const { archive, close: closeArchive } = await openArchive({
  url: process.env.PAYMENTS_DATABASE_URL,
  settings: () => config.section('archive'),
  log,
});
const history = createHistory({ ledger });
const fraud = createFraudCheck({ settings: () => config.section('fraud') });
const charges = createCharges({
  gateway: createGateway({ settings: () => config.section('gateway') }),
  pool: createConnectionPool({ settings: () => config.section('pool') }),
  ledger,
  fraud,
  idempotency: createIdempotency({ settings: () => config.section('idempotency') }),
  settings: () => config.section('gateway'),
  fees: () => config.section('fees'),
  log,
});
const routes = createRoutes({ charges, ledger, archive, history, methods: () => config.section('methods') });

const sweep = setInterval(() => fraud.forgetOld(), 10_000);
runService({
  server: createHttpServer({ routes, telemetry, log }),
  config,
  log,
  telemetry,
  port: Number(process.env.PORT),
  onStop: () => {
    clearInterval(sweep);
    closeArchive();
  },
});
