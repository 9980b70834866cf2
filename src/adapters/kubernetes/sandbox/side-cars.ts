import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { SideCar } from '../../../ports/sandbox.ts';
import { containerSecurity, equalResources, memoryVolume } from './container-parts.ts';

/** Image by kind of side-car. */
export type SideCarImages = Readonly<Partial<Record<SideCar['kind'], string>>>;

interface Recipe {
  readonly command: readonly string[];
  readonly memoryBytes: number;
  readonly dataBytes: number;
  /** Succeeds once it accepts connections. */
  readonly probe: readonly string[];
}

const mib = 1024 * 1024;
const dataFolder = '/data';

/** Nothing in them outlives the pod, so nothing is synced. They listen on the pod's loopback alone. */
const recipes: Readonly<Record<SideCar['kind'], Recipe>> = {
  postgres: {
    command: [
      '/bin/sh',
      '-c',
      `cp -r /cluster/data ${dataFolder}/cluster && chmod 700 ${dataFolder}/cluster && exec postgres "$@"`,
      'sh',
      '-D',
      `${dataFolder}/cluster`,
      ...settings({
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '/tmp',
        dynamic_shared_memory_type: 'mmap',
        shared_buffers: '64MB',
        max_connections: '30',
        fsync: 'off',
        full_page_writes: 'off',
        synchronous_commit: 'off',
        wal_level: 'minimal',
        max_wal_senders: '0',
        max_wal_size: '64MB',
        timezone: 'UTC',
        logging_collector: 'off',
      }),
    ],
    memoryBytes: 768 * mib,
    dataBytes: 448 * mib,
    probe: ['psql', ...login(), '--command=select 1'],
  },
  redis: {
    command: [
      'redis-server',
      '--bind',
      '127.0.0.1',
      '--port',
      '6379',
      '--dir',
      dataFolder,
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxmemory',
      String(96 * mib),
    ],
    memoryBytes: 192 * mib,
    dataBytes: 16 * mib,
    probe: ['redis-cli', '-h', '127.0.0.1', 'ping'],
  },
};

/** Reads SQL from its standard input; the first error ends it. */
export const seedCommand: readonly string[] = ['psql', ...login(), '--set=ON_ERROR_STOP=1', '--file=-'];

export function probeOf(kind: SideCar['kind']): readonly string[] {
  return recipes[kind].probe;
}

export function sideCarContainer(
  kind: SideCar['kind'],
  images: SideCarImages,
): { container: V1Container; volumes: NonNullable<V1PodSpec['volumes']> } {
  const image = images[kind];
  if (image === undefined) throw new TypeError(`no image for ${kind}`);
  const { command, memoryBytes, dataBytes } = recipes[kind];
  const [data, tmp] = [`${kind}-data`, `${kind}-tmp`];
  return {
    container: {
      name: kind,
      image,
      imagePullPolicy: 'IfNotPresent',
      command: [...command],
      workingDir: dataFolder,
      env: [{ name: 'HOME', value: '/tmp' }],
      resources: equalResources(memoryBytes, 1),
      securityContext: containerSecurity(),
      volumeMounts: [
        { name: data, mountPath: dataFolder },
        { name: tmp, mountPath: '/tmp' },
      ],
    },
    volumes: [memoryVolume(data, dataBytes), memoryVolume(tmp, 16 * mib)],
  };
}

function login(): string[] {
  return [
    '--host=127.0.0.1',
    '--username=postgres',
    '--dbname=postgres',
    '--no-psqlrc',
    '--quiet',
    '--no-password',
  ];
}

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
