import { describe, expect, it } from 'vitest';
import { cellProfile } from '../../../../src/adapters/docker/sandbox/profile.ts';
import { seccompProfile } from '../../../../src/adapters/docker/sandbox/seccomp.ts';
import {
  commandUserOf,
  keeperUser,
  lookUser,
  slotCount,
} from '../../../../src/adapters/docker/sandbox/users.ts';
import { hostileLimits } from '../../../support/hostile/scene.ts';

const profile = cellProfile({
  image: 'some:1',
  limits: hostileLimits,
  labels: { owner: 'me' },
  runtime: undefined,
  user: commandUserOf(5),
  workspace: { Tmpfs: { '/work': 'size=1' } },
});

describe('the profile of a cell', () => {
  it('takes away everything that it can', () => {
    expect(profile.HostConfig).toMatchObject({
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      Privileged: false,
      IpcMode: 'none',
      Init: true,
      AutoRemove: true,
      LogConfig: { Type: 'none' },
      PidsLimit: hostileLimits.pids,
      Memory: hostileLimits.memoryBytes,
      MemorySwap: hostileLimits.memoryBytes,
      NanoCpus: hostileLimits.cpus * 1e9,
    });
    expect(profile.HostConfig?.Binds).toBeUndefined();
    expect(profile.HostConfig?.CapAdd).toBeUndefined();
    expect(profile.User).toBe('10000:10000');
    expect(profile.Env).toEqual([]);
  });

  it('bounds bytes and files of all that can be written to', () => {
    expect(profile.HostConfig?.Tmpfs).toEqual({
      '/tmp': expect.stringMatching(/nosuid,nodev,size=\d+,nr_inodes=\d+,uid=10105,gid=10001/),
      '/dev/shm': expect.stringMatching(/noexec,nosuid,nodev,size=\d+,nr_inodes=\d+,uid=10105/),
      '/work': 'size=1',
      '/dev/mqueue': expect.stringMatching(/^ro,/),
    });
  });

  it('asks for another runtime only when told to', () => {
    const strict = cellProfile({
      image: 'some:1',
      limits: hostileLimits,
      labels: {},
      runtime: 'runsc',
      user: commandUserOf(0),
      workspace: {},
    });

    expect(profile.HostConfig).not.toHaveProperty('Runtime');
    expect(strict.HostConfig?.Runtime).toBe('runsc');
  });

  it('gives every slot a user that is neither the keeper nor who looks', () => {
    const uids = Array.from({ length: slotCount }, (_, slot) => commandUserOf(slot).uid);

    expect(new Set([...uids, keeperUser.uid, lookUser.uid]).size).toBe(slotCount + 2);
  });
});

describe('the list of system calls', () => {
  const list = seccompProfile({ systemVMemory: false });
  const namesOf = ({ syscalls }: typeof list): string[] =>
    syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap((rule) => rule.names);
  const names = namesOf(list);

  it('refuses what is not on it', () => {
    expect(list.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(list.defaultErrnoRet).toBe(1);
  });

  it('has nothing that opens the kernel wider than programs need', () => {
    const dangerous =
      `io_uring_setup io_uring_enter io_uring_register userfaultfd bpf perf_event_open keyctl add_key
      request_key mount umount2 unshare setns pivot_root chroot fsopen fsmount move_mount open_tree open_by_handle_at
      name_to_handle_at init_module finit_module kexec_load reboot swapon settimeofday clock_settime syslog acct quotactl
      fanotify_init kcmp pidfd_getfd process_madvise vmsplice memfd_secret mq_open msgget shmget semget nfsservctl iopl ioperm
      modify_ldt clone3`.split(/\s+/);

    expect(names.filter((name) => dangerous.includes(name))).toEqual([]);
  });

  it('has shared memory of System V only for who cannot do without', () => {
    expect(namesOf(seccompProfile({ systemVMemory: true }))).toEqual(
      expect.arrayContaining(['shmget', 'semget', 'shmctl']),
    );
  });

  it('refuses to type for a terminal, whatever is in the bits that the kernel does not read', () => {
    const rules = list.syscalls
      .filter(({ names }) => names.includes('ioctl'))
      .flatMap(({ args }) => args ?? []);
    const isAllowed = (request: bigint): boolean =>
      rules.some(({ value, valueTwo }) => (request & BigInt(value)) === BigInt(valueTwo ?? -1));

    expect([0x5412n, 0x1_0000_5412n, 0xffff_ffff_0000_5412n].map(isAllowed)).toEqual([false, false, false]);
    expect([0x5413n, 0x5401n, 0x8000_5412n, 0n, 0xffff_ffffn].map(isAllowed)).toEqual(Array(5).fill(true));
  });

  it('has each call once, but those that are allowed for some arguments', () => {
    const once = names.filter((name) => !['socket', 'personality', 'ioctl'].includes(name));

    expect(once.filter((name, at) => once.indexOf(name) !== at)).toEqual([]);
  });
});
