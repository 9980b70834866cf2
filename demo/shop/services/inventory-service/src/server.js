import { join } from 'node:path';
import { createAvailability } from './availability.js';
import { createCatalog } from './catalog.js';
import { createForecast } from './forecast.js';
import { createConfig } from './kit/config.js';
import { createHttpServer } from './kit/http-server.js';
import { runService } from './kit/lifecycle.js';
import { createLog } from './kit/log.js';
import { createTelemetry } from './kit/telemetry.js';
import { createReservations } from './reservations.js';
import { restock } from './restock.js';
import { createRoutes } from './routes.js';
import { createStock } from './stock.js';
import { createStockCache } from './stock-cache.js';

const service = 'inventory-service';
const telemetry = createTelemetry({ service, version: process.env.SERVICE_VERSION });
const log = createLog({ service, context: telemetry.traceContext });
const config = createConfig(join(import.meta.dirname, '../config'));

const articles = () => config.section('catalog').articles;
const warehouses = () => config.section('warehouses').warehouses;
const catalog = createCatalog({ articles });
const stock = createStock({ warehouses, articles });
const cache = createStockCache({ settings: () => config.section('cache') });
const availability = createAvailability({
  catalog,
  stock,
  cache,
  settings: () => config.section('availability'),
});
const reservations = createReservations({
  catalog,
  stock,
  cache,
  warehouses,
  settings: () => config.section('reservations'),
  log,
});

const forecast = createForecast({ catalog, stock, warehouses, settings: () => config.section('forecast') });

const sweep = setInterval(reservations.releaseExpired, config.section('reservations').sweepEveryMs);
const deliveries = setInterval(() => {
  const settings = () => config.section('restock');
  const count = restock({ articles: articles(), warehouses: warehouses(), stock, cache, settings });
  if (count > 0) log.info('deliveries booked', { shelves: count });
}, config.section('restock').everyMs);

runService({
  server: createHttpServer({
    routes: createRoutes({ availability, forecast, reservations }),
    telemetry,
    log,
  }),
  config,
  log,
  telemetry,
  port: Number(process.env.PORT),
  onStop: () => {
    clearInterval(sweep);
    clearInterval(deliveries);
  },
});
