import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from './attack.ts';
import type { Scene } from './scene.ts';
import type { Guard } from './weaken.ts';
import { workspaceAttacks } from './workspace-attacks.ts';

/** Succeeds when what it prints says so. */
function printing(name: string, guards: readonly Guard[], pattern: RegExp, command: string): Attack {
  return {
    name,
    guards,
    async attempt(scene) {
      const result = await scene.shell(command);
      return { succeeded: pattern.test(result.output), saw: result };
    },
  };
}

function scripted(name: string, guards: readonly Guard[], pattern: RegExp, code: string): Attack {
  return {
    name,
    guards,
    async attempt(scene) {
      const result = await scene.script(code);
      return { succeeded: pattern.test(result.output), saw: result };
    },
  };
}

const holding: readonly Attack[] = [
  {
    name: 'a fork bomb fills the machine',
    guards: ['most processes of the user', 'most processes of the container'],
    needsOwnCell: true,
    async attempt(scene) {
      // Each leaves two more and stays, so that there is time to count them.
      const bomb = scene.shell('b() { b & b & sleep 20; }; b; sleep 20', {
        timeoutMs: 2_500,
        outputBytes: 1e6,
      });
      let most = 0;
      const ended = bomb.then(() => true);
      while (!(await Promise.race([ended, sleep(100, false)]))) {
        most = Math.max(most, await countProcesses(scene));
      }
      return { succeeded: most > 150, saw: { most, result: await bomb } };
    },
  },
  {
    name: 'a fork flood leaves the keeper no room to act',
    guards: ['most processes of the user'],
    needsOwnCell: true,
    async attempt(scene) {
      const enough = new AbortController();
      const flood = scene.sandbox.run(
        [
          'node',
          '-e',
          `const { spawn } = require('child_process');
           for (let n = 0; n < 150; n += 1) spawn('sleep', ['30']).on('error', () => {});
           setInterval(() => {}, 1000);`,
        ],
        { timeoutMs: 30_000, outputBytes: 4096 },
        enough.signal,
      );
      const most = await Promise.race([flood, untilSteady(() => countProcesses(scene))]);
      const exitCode = await tryKeeper(scene);
      enough.abort(new Error('enough'));
      const result = await flood.catch(String);
      return { succeeded: exitCode !== 0, saw: { exitCode, most, result } };
    },
  },
  {
    name: 'a process that has left its session outlives its command',
    guards: ['kills whatever the user has', 'another user looks whether anything is left'],
    async attempt(scene) {
      const command = 'setsid sh -c "sleep 4711 & sleep 4712" & sleep 4713';
      const result = await scene.shell(command, { timeoutMs: 700 });
      const seen = await listCommands(scene);
      return { succeeded: /sleep 471[12]/.test(seen), saw: { result, seen } };
    },
  },
  {
    name: 'dead processes pile up',
    guards: ['reaping init'],
    async attempt(scene) {
      await scene.shell('for n in 1 2 3 4 5 6; do (sleep 0.2 &); done');
      let zombies = -1;
      for (let tries = 0; tries < 12 && zombies !== 0; tries += 1) {
        await sleep(100);
        const { output } = await look(scene, 'grep -h "^State:.Z" /proc/[0-9]*/status 2>/dev/null; exit 0');
        zombies = output.split('\n').filter(Boolean).length;
        if ((await listCommands(scene)).includes('sleep 0.2')) zombies = -1;
      }
      return { succeeded: zombies > 0, saw: { zombies } };
    },
  },
  {
    name: 'a command ends the keeper and with it the cell',
    guards: ['keeper is another user'],
    needsOwnCell: true,
    async attempt(scene) {
      const ended = await scene.shell('kill -9 1; kill -9 -1; sleep 0.3').catch((error: unknown) => error);
      const state = await scene.world.docker
        .getContainer(scene.sandbox.id)
        .inspect()
        .catch(() => null);
      return { succeeded: state?.State.Running !== true, saw: { ended, state: state?.State } };
    },
  },
];

const filling: readonly Attack[] = [
  scripted(
    'takes more memory than there is for it',
    ['memory limit'],
    /took it/,
    `const held = Buffer.alloc(250 * 2 ** 20, 1); console.log('took it', held.length);`,
  ),
  printing(
    'makes one file that is too large',
    ['size of a file'],
    /made/,
    'dd if=/dev/zero of=/tmp/wide bs=1 count=1 seek=30000000 2>/dev/null && echo made; rm -f /tmp/wide',
  ),
  scripted(
    'opens files without end',
    ['open files'],
    /opened 900/,
    `const fs = require('fs'); let n = 0;
     try { for (; n < 900; n += 1) fs.openSync('/dev/null'); } catch (e) { console.log(e.code); } console.log('opened', n);`,
  ),
];

const leaving: readonly Attack[] = [
  {
    name: 'finds a way to an address outside: metadata, the bridge, the internet',
    guards: ['no network'],
    async attempt(scene) {
      const addresses = [
        '169.254.169.254',
        '100.100.100.200',
        '1.1.1.1',
        '10.0.0.1',
        scene.world.nameServer.address,
      ];
      // A connected datagram socket needs a way there, and sends nothing.
      const result = await scene.script(
        `const dgram = require('dgram');
         for (const address of ${JSON.stringify(addresses)}) {
           const socket = dgram.createSocket('udp4');
           socket.connect(53, address, (e) => { console.log(e ? e.code : 'a way to', address); socket.close(); });
         }`,
      );
      return { succeeded: result.output.includes('a way to'), saw: result };
    },
  },
  {
    name: 'gets an answer from a name server',
    guards: ['no network'],
    async attempt(scene) {
      const { address, port } = scene.world.nameServer;
      const result = await scene.script(
        `const { Resolver } = require('dns');
         const resolver = new Resolver({ timeout: 400, tries: 2 }); resolver.setServers(['${address}:${port}']);
         resolver.resolve4('secret.warroom.example', (e) => console.log(e.code));
         require('dns').lookup('example.com', (e) => console.log('lookup', e?.code));`,
      );
      return { succeeded: /^ENOTFOUND$/m.test(result.output), saw: result };
    },
  },
  scripted(
    'talks to the engine by its socket',
    ['no socket of the engine'],
    /welcome/,
    `require('net').connect('/var/run/docker.sock').on('error', (e) => console.log(e.code)).pipe(process.stdout)`,
  ),
  {
    name: "reads a secret of its host's environment",
    guards: ['clean environment'],
    async attempt(scene) {
      const result = await scene.shell(`env; tr '\\0' '\\n' < /proc/1/environ`);
      return { succeeded: result.output.includes('must-stay-outside'), saw: result };
    },
  },
];

const rising: readonly Attack[] = [
  printing(
    'becomes root by a set-user-id program',
    ['no new privileges'],
    /^user 0$/m,
    `/there/node -p '"user " + process.geteuid()'`,
  ),
  printing(
    'keeps capabilities that it could gain',
    ['no capabilities'],
    /CapBnd:\s+0*[1-9a-f]/,
    'grep CapBnd /proc/self/status',
  ),
  printing(
    'becomes root in a name space of its own',
    ['system call filter'],
    /^user 0$/m,
    'echo "user $(unshare -U -r id -u)"',
  ),
  printing(
    'mounts a file system',
    ['system call filter'],
    /mounted/,
    'unshare -U -r -m mount -t tmpfs none /tmp && echo mounted',
  ),
  printing(
    'changes its root',
    ['nobody is root', 'no capabilities', 'no new privileges', 'system call filter'],
    /changed/,
    'chroot / /bin/true && echo changed',
  ),
  printing(
    'makes a device',
    ['nobody is root', 'no capabilities', 'no new privileges'],
    /made/,
    'mknod /tmp/disk b 8 0 && echo made; rm -f /tmp/disk',
  ),
  printing(
    'uses io_uring',
    ['system call filter'],
    /io_uring/,
    `UV_USE_IO_URING=1 node -e "const fs = require('fs'); fs.stat('/', () => { for (const fd of fs.readdirSync('/proc/self/fd'))
       try { console.log(fs.readlinkSync('/proc/self/fd/' + fd)); } catch {} })"`,
  ),
  printing(
    'writes to the root file system',
    ['read-only root', 'nobody is root'],
    /written/,
    'echo x > /etc/planted && echo written',
  ),
  printing(
    'changes a setting of the kernel',
    ['nobody is root', 'masked kernel files'],
    /changed/,
    'cat /proc/sys/kernel/domainname > /proc/sys/kernel/domainname && echo changed',
  ),
  printing(
    'fills the shared memory',
    ['size of shared memory'],
    /filled/,
    'head -c 20000000 /dev/zero > /dev/shm/big && echo filled; rm -f /dev/shm/big',
  ),
  {
    name: 'changes the workspace while it looks',
    guards: ['look is another user'],
    async attempt(scene) {
      await scene.shell('umask 002; mkdir -p /work/kept; echo mine > /work/kept/file');
      const result = await look(
        scene,
        'echo yours > /work/kept/file; echo yours > /work/planted; rm -rf /work/kept',
      );
      const { output } = await scene.shell('cat /work/kept/file; ls /work');
      return { succeeded: output.includes('yours') || output.includes('planted'), saw: { result, output } };
    },
  },
  repositoryProgram('hook', 'git config core.hooksPath .git/hooks'),
  repositoryProgram('monitor', 'git config core.fsmonitor .git/hooks/pre-commit'),
];

/** A repository that brings a program along and names it in its own configuration. */
function repositoryProgram(kind: string, configure: string): Attack {
  return printing(
    `makes git run a repository's ${kind}`,
    ['git ignores what a repository configures'],
    /it was run/,
    `rm -rf /tmp/repository /tmp/ran; mkdir /tmp/repository && cd /tmp/repository && git init -q &&
     git config user.email a@example.com && git config user.name a && mkdir -p .git/hooks &&
     printf '#!/bin/sh\\necho it was run > /tmp/ran\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit && ${configure} &&
     echo x > file && git add file && git commit -q -m x && git status --short; cat /tmp/ran`,
  );
}

export const attacks: readonly Attack[] = [
  ...holding,
  ...filling,
  ...workspaceAttacks,
  ...leaving,
  ...rising,
];

function look(scene: Scene, script: string): ReturnType<Scene['sandbox']['look']> {
  return scene.sandbox.look(
    ['/bin/sh', '-c', script],
    { timeoutMs: 10_000, outputBytes: 64 * 1024 },
    scene.signal,
  );
}

/** Of everybody in the cell. */
export async function listCommands(scene: Scene): Promise<string> {
  const script = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done 2>/dev/null; exit 0`;
  return (await look(scene, script)).output;
}

async function countProcesses(scene: Scene): Promise<number> {
  const container = scene.world.docker.getContainer(scene.sandbox.id);
  const stats = await container.stats({ stream: false, 'one-shot': true });
  return stats.pids_stats?.current ?? 0;
}

async function untilSteady(read: () => Promise<number>): Promise<number> {
  for (let last = -1; ; ) {
    const now = await read();
    if (now === last && now > 50) return now;
    last = now;
    await sleep(250);
  }
}

/** As whoever keeps the cell alive and ends what runs in it. Null when it could not even begin. */
async function tryKeeper(scene: Scene): Promise<number | null> {
  const container = scene.world.docker.getContainer(scene.sandbox.id);
  try {
    const exec = await container.exec({
      // Two processes: one alone the system lets in even where no more may be born.
      Cmd: ['/bin/sh', '-c', '(exit 0); exit'],
      User: '10000:10000',
      AttachStdout: true,
    });
    const stream = await exec.start({ hijack: true });
    await new Promise((resolve) => stream.resume().once('close', resolve));
    for (;;) {
      const { Running, ExitCode } = await exec.inspect();
      if (!Running) return ExitCode;
      await sleep(5);
    }
  } catch {
    return null;
  }
}
