import { type ChildProcess, fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { DemoError } from './demo-error.ts';
import { type Deployer, type DeployKind, startDeployer } from './deployer.ts';
import { findFreePort } from './free-port.ts';
import { createLogShipper } from './log-shipper.ts';
import { SHOP_SERVICES, type ShopServiceName } from './repositories.ts';

export interface ShopOptions {
  /** Where releases are checked out; inside the project folder, since they use its installed libraries. */
  dir: string;
  /** Folder of the bare repositories, `<service>.git` each. */
  repositoriesDir: string;
  logsUrl: string;
  tracesUrl: string;
  telemetryToken: string;
  /** PostgreSQL behind payment-service; without it the service keeps today's payments alone. */
  paymentsDatabaseUrl?: string;
  signal?: AbortSignal;
  /** Without load the shop only answers what it is asked; default true. */
  load?: boolean;
}

export interface ShopService {
  readonly name: ShopServiceName;
  readonly port: number;
  readonly url: string;
  pid(): number | undefined;
}

export interface Shop {
  readonly services: readonly ShopService[];
  deployedCommit(service: string): string;
  lastDeploy(service: string): DeployKind;
  loadPid(): number | undefined;
  /** Lets so many times the usual load come from now on. */
  pace(factor: number): void;
  stop(): Promise<void>;
}

/** Starts the four services, a deployer for each and the load. Everything ends with `stop`, the signal, or this process. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  options.signal?.throwIfAborted();
  const dir = resolve(options.dir);
  checkLibraries(dir);
  await mkdir(dir, { recursive: true });

  const shipper = createLogShipper({ url: options.logsUrl, token: options.telemetryToken });
  const ports = new Map<ShopServiceName, number>();
  for (const name of SHOP_SERVICES) ports.set(name, await findFreePort());
  const urlOf = (name: ShopServiceName) => `http://127.0.0.1:${ports.get(name)}`;
  const env = serviceEnv(options, urlOf);

  const started = await Promise.allSettled(
    SHOP_SERVICES.map(async (name) => ({
      name,
      deployer: await startDeployer({
        service: name,
        repository: join(resolve(options.repositoriesDir), `${name}.git`),
        workDir: join(dir, name),
        env: { ...env, ...databaseEnv(options, name), PORT: String(ports.get(name)) },
        onLine: (line) => shipper.push(line),
      }),
    })),
  );
  const deployers = new Map<string, Deployer>();
  for (const result of started) {
    if (result.status === 'fulfilled') deployers.set(result.value.name, result.value.deployer);
  }

  let load: ChildProcess | undefined;
  let stopped: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopped ??= (async () => {
      options.signal?.removeEventListener('abort', onAbort);
      await stopLoad(load);
      await Promise.allSettled([...deployers.values()].map((deployer) => deployer.stop()));
      await shipper.stop();
    })();
    return stopped;
  }
  const onAbort = () => void stop();

  const failed = started.find((result) => result.status === 'rejected');
  if (failed || options.signal?.aborted) {
    await stop();
    throw failed?.reason ?? options.signal?.reason;
  }
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.load !== false) load = startLoadProcess(urlOf);

  const deployerOf = (service: string): Deployer => {
    const deployer = deployers.get(service);
    if (!deployer)
      throw new DemoError('unknown_service', `no service ${service}`, `One of: ${SHOP_SERVICES.join(', ')}.`);
    return deployer;
  };
  return {
    services: SHOP_SERVICES.map((name) => ({
      name,
      port: ports.get(name) ?? 0,
      url: urlOf(name),
      pid: () => deployerOf(name).pid(),
    })),
    deployedCommit: (service) => deployerOf(service).deployedCommit(),
    lastDeploy: (service) => deployerOf(service).lastDeploy(),
    loadPid: () => load?.pid,
    pace: (factor) => void load?.send({ factor }),
    stop,
  };
}

function serviceEnv(options: ShopOptions, urlOf: (name: ShopServiceName) => string): Record<string, string> {
  return {
    USER_SERVICE_URL: urlOf('user-service'),
    INVENTORY_SERVICE_URL: urlOf('inventory-service'),
    PAYMENT_SERVICE_URL: urlOf('payment-service'),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: options.tracesUrl,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(`Bearer ${options.telemetryToken}`)}`,
  };
}

/** A credential is for the one who needs it. */
function databaseEnv({ paymentsDatabaseUrl }: ShopOptions, name: ShopServiceName): Record<string, string> {
  if (paymentsDatabaseUrl === undefined || name !== 'payment-service') return {};
  return { PAYMENTS_DATABASE_URL: paymentsDatabaseUrl };
}

function startLoadProcess(urlOf: (name: ShopServiceName) => string): ChildProcess {
  const urls = {
    order: urlOf('order-service'),
    user: urlOf('user-service'),
    payment: urlOf('payment-service'),
    inventory: urlOf('inventory-service'),
  };
  // Its own group: a Ctrl-C in the terminal is ours to act on.
  return fork(join(import.meta.dirname, 'load-main.ts'), [JSON.stringify(urls)], {
    detached: true,
    execArgv: ['--max-semi-space-size=4'],
  });
}

async function stopLoad(load: ChildProcess | undefined): Promise<void> {
  if (!load || load.exitCode !== null || load.signalCode !== null) return;
  const gone = new Promise((done) => load.once('exit', done));
  load.kill('SIGTERM');
  await gone;
}

function checkLibraries(dir: string): void {
  try {
    createRequire(join(dir, 'service.js')).resolve('prom-client');
  } catch (cause) {
    throw new DemoError(
      'libraries_not_found',
      `services started in ${dir} would not find their libraries`,
      'Choose a folder inside the project (".warroom/…") and run npm ci.',
      { cause },
    );
  }
}
