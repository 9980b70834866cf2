import { join } from 'node:path';
import { createConfig } from './kit/config.js';
import { createHttpServer } from './kit/http-server.js';
import { runService } from './kit/lifecycle.js';
import { createLog } from './kit/log.js';
import { createTelemetry } from './kit/telemetry.js';
import { createLoginLimiter } from './login-limiter.js';
import { createProfileCache } from './profile-cache.js';
import { createProfiles } from './profiles.js';
import { createRoutes } from './routes.js';
import { createSessions } from './sessions.js';
import { createTokens } from './tokens.js';
import { createUsers } from './users.js';

const service = 'user-service';
const telemetry = createTelemetry({ service, version: process.env.SERVICE_VERSION });
const log = createLog({ service, context: telemetry.traceContext });
const config = createConfig(join(import.meta.dirname, '../config'));

const users = createUsers({ population: config.section('directory').population });
const limiter = createLoginLimiter({ settings: () => config.section('logins') });
const cache = createProfileCache({ settings: () => config.section('profile-cache') });
const tokens = createTokens({
  session: () => config.section('session'),
  keys: () => config.section('keys'),
  clock: () => config.section('clock'),
});
const sessions = createSessions({ tokens, users, limiter, log });
const profiles = createProfiles({ users, cache });

const sweep = setInterval(() => limiter.forgetOlderThan(60_000), 10_000);
runService({
  server: createHttpServer({ routes: createRoutes({ sessions, profiles }), telemetry, log }),
  config,
  log,
  telemetry,
  port: Number(process.env.PORT),
  onStop: () => clearInterval(sweep),
});
