import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ImageKind, imageName } from '../../setup/sandbox-image.mjs';
import { readSandboxImages } from '../../src/config/sandbox-images.ts';

const runProgram = promisify(execFile);
const kinds = ['node', 'python', 'go', 'postgres', 'redis'] as const;

const hardened =
  '--network=none --read-only --cap-drop=ALL --security-opt=no-new-privileges --ipc=none --memory=1g --pids-limit=200 ' +
  '--env=HOME=/tmp --tmpfs=/work:exec,uid=10107,gid=10001 --tmpfs=/tmp:exec,mode=1777 --entrypoint=/bin/sh';

/** In a container with the sandbox's hardening: a read-only root, no network, no capabilities, a slot's user. */
async function runIn(kind: ImageKind, script: string, user = '10107:10001'): Promise<string> {
  const container = ['run', '--rm', ...hardened.split(' '), `--user=${user}`, imageName(kind)];
  const command = ['-c', `exec 2>&1; ${script}`];
  const { stdout } = await runProgram('docker', [...container, ...command], { timeout: 50_000 });
  return stdout;
}

describe.each(kinds)('the %s image', (kind) => {
  it('has a user for the keeper and one for each slot, and no way to become another', async () => {
    const said = await runIn(
      kind,
      'cat /etc/passwd; id; find / -xdev -type f \\( -perm /6000 -o -perm -2 \\) 2>/dev/null; cat /etc/gitconfig',
    );
    const guests = [...said.matchAll(/^guest(\d+):x:(\d+):10001::\/work:\/bin\/sh$/gm)];

    expect(said).toContain('keeper:x:10000:10000:');
    expect(guests.map(([, slot, uid]) => Number(uid) - Number(slot))).toEqual(Array(64).fill(10_100));
    expect(said).toContain('uid=10107(guest7) gid=10001(sandbox)');
    // After `id`, nothing but the configuration of git: neither a set-uid program nor a file that anybody may change.
    expect(said.split('\n').slice(said.split('\n').findIndex((line) => line.startsWith('uid=')) + 1)).toEqual(
      ['[safe]', '\tdirectory = *', '[core]', '\thooksPath = /dev/null', '\tfsmonitor = false', ''],
    );
  });

  it('lets the keeper end everything that a slot’s user runs', async () => {
    const said = await runIn(kind, 'env sleep 0 && env kill -0 $$ && echo alive', '10000:10000');

    expect(said).toBe('alive\n');
  });

  it('is opened by the digest of its content, which set-up has recorded', async () => {
    const { stdout } = await runProgram('docker', [
      'image',
      'inspect',
      '--format',
      '{{.Id}}',
      imageName(kind),
    ]);

    expect(readSandboxImages()[kind]).toBe(stdout.trim());
  });
});

const tools: readonly [ImageKind, string, RegExp][] = [
  ['node', 'node --version', /^v24\./],
  ['node', 'git --version; rg --version; ps', /git version 2[\s\S]*ripgrep/],
  ['node', 'warroom-tool', /warroom-tool: one of .*debug/],
  ['python', 'python3 --version; python --version', /^Python 3\.\d+\.\d+\nPython 3/],
  ['python', 'pytest --version; coverage --version', /^pytest \d[\s\S]*Coverage\.py, version \d/],
  ['python', 'python3 -c "import bdb, faulthandler, pdb, tracemalloc; print(1)"', /^1$/m],
  [
    'python',
    'git --version; rg --version; gdb --version; ps --version',
    /git version[\s\S]*ripgrep[\s\S]*GNU gdb[\s\S]*procps/,
  ],
  ['python', 'warroom-tool', /warroom-tool: one of .*debug/],
  ['go', 'go version; dlv version; gdb --version', /go version go1\.[\s\S]*Delve Debugger[\s\S]*GNU gdb/],
  ['go', 'git --version; rg --version; ps --version', /git version[\s\S]*ripgrep[\s\S]*procps/],
  ['go', 'warroom-tool', /warroom-tool: one of .*debug/],
  ['postgres', 'postgres --version; psql --version', /postgres \(PostgreSQL\) \d+[\s\S]*psql/],
  ['redis', 'redis-server --version; redis-cli --version', /Redis server v=\d[\s\S]*redis-cli \d/],
];

describe('in the images', () => {
  it.each(tools)('%s: %s', async (kind, script, says) => {
    expect(await runIn(kind, `${script}; true`)).toMatch(says);
  });

  it('a Go program that serves HTTP is built in seconds, since its libraries are compiled', async () => {
    const main =
      'package main; import (\\"fmt\\"; \\"net/http\\"); func main() { fmt.Println(http.StatusTeapot) }';
    const began = Date.now();
    const said = await runIn('go', `cd /work && go mod init a && echo "${main}" > main.go && go run .`);

    expect(said).toMatch(/418\n$/);
    expect(Date.now() - began).toBeLessThan(15_000);
  });

  it('PostgreSQL is ready on the loopback for a user of any slot', async () => {
    const said = await runIn(
      'postgres',
      'start-replica --loopback && psql -h 127.0.0.1 -U postgres -Atc "select 40 + 2"',
    );

    expect(said).toMatch(/42\n$/);
  });

  it('PostgreSQL listens on no address when indexes are tried', async () => {
    const said = await runIn(
      'postgres',
      'start-replica && psql -h /tmp -U postgres -Atc "show listen_addresses" -c "select 40 + 2"; psql -h 127.0.0.1 -U postgres || true',
    );

    expect(said).toMatch(/^\n42\n[\s\S]*refused/);
  });

  it('Redis is ready, keeps nothing on disk and has a bound', async () => {
    const said = await runIn(
      'redis',
      'start-redis && redis-cli set a 1 && redis-cli config get maxmemory && redis-cli config get save && ls /tmp /work',
    );

    expect(said).toMatch(/^OK\nmaxmemory\n134217728\nsave\n\n/);
    expect(said).not.toContain('rdb');
  });
});

it('the builder of images never needs more than the classic syntax', () => {
  for (const kind of [...kinds, 'java']) {
    const file = readFileSync(new URL(`../../sandbox-images/${kind}/Dockerfile`, import.meta.url), 'utf8');

    expect(file).toMatch(/^ARG BASE_IMAGE=\S+\nFROM \$\{BASE_IMAGE\}$/m);
    expect(file).not.toMatch(/--mount|--link|<<|^# ?syntax=/m);
    expect(file).toMatch(/^USER 10000:10000$/m);
  }
});
