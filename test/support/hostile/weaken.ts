import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions, Exec, ExecCreateOptions, ExecStartOptions } from 'dockerode';
import type {
  Workspace,
  WorkspaceBackend,
} from '../../../src/adapters/docker/sandbox/workspace/workspace.ts';

/** One thing that holds commands down; what an attack is tried without, to show that it would be missed. */
export type Guard =
  | 'most processes of the user'
  | 'most processes of the container'
  | 'memory limit'
  | 'size of the workspace'
  | 'number of files'
  | 'size of a file'
  | 'open files'
  | 'read-only root'
  | 'no network'
  | 'no capabilities'
  | 'no new privileges'
  | 'system call filter'
  | 'size of shared memory'
  | 'no queues as files'
  | 'reaping init'
  | 'nobody is root'
  | 'keeper is another user'
  | 'look is another user'
  | 'masked kernel files'
  | 'no socket of the engine'
  | 'clean environment'
  | 'git ignores what a repository configures'
  | 'kills whatever the user has'
  | 'a killer that nobody speaks for'
  | 'another user looks whether anything is left'
  | 'links are not followed';

/** What is put in place of a guard; bounded, so that an attack that succeeds does no harm to the machine. */
interface Removal {
  profile?(options: ContainerCreateOptions): void;
  exec?(options: ExecCreateOptions): void;
  /** Of what is written to the shell that looks. */
  input?(text: string): string;
}

const mib = 1024 * 1024;

export interface Props {
  /** A socket that stands for the engine's. */
  readonly socketPath: string;
  /** Has a program that belongs to root and runs as root; every cell gets it. */
  readonly setuidVolume: string;
}

/** The engine, but what is made by it lacks these guards. */
export function weakenEngine(engine: Docker, guards: readonly Guard[], props: Props): Docker {
  const removals = guards.map((guard) => removalOf(guard, props));
  return new Proxy(engine, {
    get(target, name) {
      if (name !== 'createContainer') return memberOf(target, name);
      return async (profile: ContainerCreateOptions): Promise<Container> => {
        const weaker = structuredClone(profile);
        weaker.HostConfig = { ...weaker.HostConfig, Binds: [`${props.setuidVolume}:/there:ro`] };
        for (const removal of removals) removal.profile?.(weaker);
        return weakenContainer(await target.createContainer(weaker), removals);
      };
    },
  });
}

/** What is made by it lacks these guards; the others are the engine's. */
export function weakenBackend(backend: WorkspaceBackend, guards: readonly Guard[]): WorkspaceBackend {
  const lacks = (guard: Guard): boolean => guards.includes(guard);
  return {
    ...backend,
    async prepare(place, user, limits) {
      const mount = await backend.prepare(place, user, {
        workBytes: lacks('size of the workspace') ? 64 * mib : limits.workBytes,
        workFiles: lacks('number of files') ? 20_000 : limits.workFiles,
      });
      if (!lacks('links are not followed')) return mount;
      const door = mount.hostConfig.Mounts?.[0]?.Source ?? '';
      return { ...mount, bind: (cell) => readingAnyhow(mount.bind(cell), door) };
    },
  };
}

/** By opening each name, as one does who does not think of links. */
function readingAnyhow(workspace: Workspace, folder: string): Workspace {
  return {
    fill: (...given) => workspace.fill(...given),
    write: (...given) => workspace.write(...given),
    snapshot: (...given) => workspace.snapshot(...given),
    reset: (...given) => workspace.reset(...given),
    async changes() {
      const files = readdirSync(folder).map((name) => path.join(folder, name));
      const changes = files
        .filter((file) => statSync(file).isFile())
        .map((file) => ({
          kind: 'written' as const,
          path: path.basename(file),
          content: readFileSync(file),
          executable: false,
        }));
      return { changes, refused: [] };
    },
  };
}

function weakenContainer(container: Container, removals: readonly Removal[]): Container {
  return new Proxy(container, {
    get(target, name) {
      if (name !== 'exec') return memberOf(target, name);
      return async (options: ExecCreateOptions) => {
        const weaker = structuredClone(options);
        for (const removal of removals) removal.exec?.(weaker);
        return weakenInput(await target.exec(weaker), removals);
      };
    },
  });
}

function weakenInput(exec: Exec, removals: readonly Removal[]): Exec {
  return new Proxy(exec, {
    get(target, name) {
      if (name !== 'start') return memberOf(target, name);
      return async (options: ExecStartOptions) => {
        const stream = await target.start(options);
        const write = stream.write.bind(stream);
        stream.write = (chunk: unknown) =>
          write(
            typeof chunk !== 'string'
              ? chunk
              : removals.reduce((text, removal) => removal.input?.(text) ?? text, chunk),
          );
        return stream;
      };
    },
  });
}

function memberOf(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

function removalOf(guard: Guard, { socketPath }: Props): Removal {
  const isCommand = ({ User }: ExecCreateOptions): boolean => /^101\d\d:/.test(User ?? '');
  const host = (change: (config: NonNullable<ContainerCreateOptions['HostConfig']>) => void): Removal => ({
    profile: (options) => {
      options.HostConfig = { ...options.HostConfig };
      change(options.HostConfig);
    },
  });
  const limit = (name: string, value: number): Removal =>
    host((config) => {
      config.Ulimits = (config.Ulimits ?? []).map((one) =>
        one.Name === name ? { Name: name, Soft: value, Hard: value } : one,
      );
    });
  const security = (change: (options: string[]) => string[]): Removal =>
    host((config) => {
      config.SecurityOpt = change(config.SecurityOpt ?? []);
    });
  const words = (change: (word: string) => string): Removal => ({
    exec: (options) => {
      options.Cmd = (options.Cmd ?? []).map(change);
    },
  });
  switch (guard) {
    case 'most processes of the user':
      return words((word) => word.replace('ulimit -p "$1" 2>/dev/null || ulimit -u "$1" || exit 126;', ''));
    case 'most processes of the container':
      return host((config) => {
        config.PidsLimit = 300;
      });
    case 'memory limit':
      return host((config) => {
        config.Memory = 512 * mib;
        config.MemorySwap = 512 * mib;
      });
    case 'size of the workspace':
    case 'number of files':
    case 'links are not followed':
      // Where the workspace is made and read: `weakenBackend`.
      return {};
    case 'size of a file':
      return limit('fsize', 64 * mib);
    case 'open files':
      return limit('nofile', 4096);
    case 'read-only root':
      return host((config) => {
        config.ReadonlyRootfs = false;
      });
    case 'no network':
      return host((config) => {
        config.NetworkMode = 'bridge';
      });
    case 'no capabilities':
      return host((config) => {
        config.CapDrop = [];
      });
    case 'no new privileges':
      return security((all) => all.filter((one) => one !== 'no-new-privileges'));
    case 'system call filter':
      return security((all) => [...all.filter((one) => !one.startsWith('seccomp=')), 'seccomp=unconfined']);
    case 'size of shared memory':
      return host((config) => {
        const { '/dev/shm': _, ...others } = config.Tmpfs ?? {};
        config.Tmpfs = others;
        config.IpcMode = 'private';
      });
    case 'no queues as files':
      return host((config) => {
        const { '/dev/mqueue': _, ...others } = config.Tmpfs ?? {};
        config.Tmpfs = others;
      });
    case 'reaping init':
      return host((config) => {
        config.Init = false;
      });
    case 'nobody is root':
      return {
        exec: (options) => {
          if (isCommand(options)) options.User = '0:0';
        },
      };
    case 'keeper is another user':
      return {
        exec: (options) => {
          if (isCommand(options)) options.User = '10000:10000';
        },
      };
    case 'look is another user': {
      let commandUser = '';
      return {
        profile: ({ HostConfig }) => {
          const [, uid, gid] = /uid=(\d+),gid=(\d+)/.exec(HostConfig?.Tmpfs?.['/tmp'] ?? '') ?? [];
          commandUser = `${uid}:${gid}`;
        },
        exec: (options) => {
          if (options.User === '10001:10000') options.User = commandUser;
        },
      };
    }
    case 'masked kernel files':
      return host((config) => {
        Object.assign(config, { MaskedPaths: [], ReadonlyPaths: [] });
      });
    case 'no socket of the engine':
      return host((config) => {
        config.Binds = [...(config.Binds ?? []), `${socketPath}:/var/run/docker.sock`];
      });
    case 'clean environment':
      return {
        exec: (options) => {
          options.Env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
        },
      };
    case 'git ignores what a repository configures':
      return {
        exec: (options) => {
          options.Env = (options.Env ?? []).filter((one) => !one.startsWith('GIT_'));
        },
      };
    case 'kills whatever the user has':
      // As is often done: the processes of the session that was begun.
      return words((word) => (word.includes('kill -9 -1') ? killSession : word));
    case 'a killer that nobody speaks for':
      // As one is made to that is traced by what it should kill: its next call of the system becomes its end.
      return words((word) => (word.includes('kill -9 -1') ? 'exit 0' : word));
    case 'another user looks whether anything is left':
      return { input: (text) => text.replace('[ -z "$left" ] || exit 1', ':') };
    default:
      return guard satisfies never;
  }
}

/** The parent of what the engine begins is outside, so it reads as 0. */
const killSession = `
for stat in /proc/[0-9]*/stat; do
  read -r pid name state parent group session rest < $stat
  [ "$parent" = 0 ] && [ "$pid" != 1 ] && [ "$pid" != $$ ] && leader=$pid && for other in /proc/[0-9]*/stat; do
    read -r pid name state parent group session rest < $other
    [ "$session" = "$leader" ] && kill -9 $pid 2>/dev/null
  done
done
exit 0`;
