/** One rule of a profile as the engine reads it. */
interface Rule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly Condition[];
}

interface Condition {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_NE' | 'SCMP_CMP_MASKED_EQ';
}

export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  readonly archMap: readonly {
    readonly architecture: string;
    readonly subArchitectures: readonly string[];
  }[];
  readonly syscalls: readonly Rule[];
}

const eperm = 1;
const enosys = 38;

/**
 * What programs may ask of the kernel; everything else is EPERM. Left out on purpose, beside what needs a capability
 * anyway: io_uring (its operations pass no filter), userfaultfd and vmsplice (they make races in the kernel winnable),
 * keys (not separated by container), bpf, perf_event_open, namespaces and mounts, fanotify, file handles, message queues, memfd_secret, kcmp, pidfd_getfd, and the 32-bit tables.
 */
const allowed: Readonly<Record<string, string>> = {
  files: `
    open openat openat2 creat close close_range read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2
    lseek access faccessat faccessat2 stat lstat fstat newfstatat statx statfs fstatfs readlink readlinkat getdents
    getdents64 mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mknod mknodat
    truncate ftruncate fallocate chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask utime utimes
    utimensat futimesat getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr
    removexattr lremovexattr fremovexattr sync fsync fdatasync syncfs sync_file_range fadvise64 readahead
    copy_file_range sendfile splice tee flock dup dup2 dup3 fcntl pipe pipe2 chdir fchdir getcwd cachestat`,
  waiting: `
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
    signalfd signalfd4 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch io_setup io_destroy io_submit
    io_cancel io_getevents io_pgetevents`,
  memory: `
    brk mmap munmap mremap mprotect madvise mincore msync mlock mlock2 munlock mlockall munlockall membarrier
    memfd_create remap_file_pages pkey_alloc pkey_free pkey_mprotect map_shadow_stack`,
  processes: `
    fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill pidfd_open pidfd_send_signal getpid
    getppid gettid getpgid setpgid getpgrp getsid setsid prctl arch_prctl set_tid_address set_robust_list
    get_robust_list futex futex_waitv futex_wake futex_wait futex_requeue rseq restart_syscall rt_sigaction
    rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
    sigaltstack pause alarm getitimer setitimer process_mrelease ptrace process_vm_readv process_vm_writev`,
  scheduling: `
    sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler
    sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_getattr sched_setattr getpriority
    setpriority ioprio_get ioprio_set getcpu getrlimit setrlimit prlimit64 getrusage times`,
  users: `
    getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid
    setfsuid setfsgid setgroups capget capset seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self`,
  time: `
    time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep timer_create timer_delete timer_getoverrun
    timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime`,
  sockets: `
    socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt send sendto
    sendmsg sendmmsg recv recvfrom recvmsg recvmmsg`,
  machine: 'uname sysinfo getrandom',
};

/** Of System V. What it makes outlives every process, belongs to nobody's limit and is freed with the container alone. */
const sharedMemoryCalls = 'shmget shmat shmdt shmctl semget semop semtimedop semctl';

/** Unix, IPv4, IPv6, and netlink for the list of interfaces; not the kernel's ciphers, raw packets or virtual machines. */
const socketFamilies = [1, 2, 10, 16];
/** Linux as it is, its 32-bit and its old-version guise, a question only; and a fixed address space, for debuggers. */
const personalities = [0, 8, 0x20000, 0x20008, 0x40000, 0xffffffff];
/** Any new namespace: mount, cgroup, uts, ipc, user, pid, net. */
const namespaceFlags = 0x7e020000;
/** Puts characters into a terminal's input as if they were typed. */
const pushCharacter = 0x5412;

export interface SeccompChoice {
  /** Only PostgreSQL cannot do without it. */
  readonly systemVMemory: boolean;
}

/** The profile of every container that runs what nobody trusts. */
export function seccompProfile({ systemVMemory }: SeccompChoice): SeccompProfile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: eperm,
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
    ],
    syscalls: [
      {
        names: [...Object.values(allowed), ...(systemVMemory ? [sharedMemoryCalls] : [])].flatMap((names) =>
          names.trim().split(/\s+/),
        ),
        action: 'SCMP_ACT_ALLOW',
      },
      ...socketFamilies.map((value) => allowWhen('socket', { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ...personalities.map((value) => allowWhen('personality', { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ...allowRequestsBut(pushCharacter),
      allowWhen('clone', { index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
      // Its flags are in memory, where a filter cannot see them; libraries then fall back to clone.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: enosys },
    ],
  };
}

/**
 * The kernel looks at the lower 32 bits of a request alone, a filter at all 64. A mask can say only what bits are, so each
 * bit is allowed to differ from the request that is refused.
 */
function allowRequestsBut(request: number): readonly Rule[] {
  return Array.from({ length: 32 }, (_, at) => {
    const bit = 2 ** at;
    const valueTwo = Math.floor(request / bit) % 2 === 0 ? bit : 0;
    return allowWhen('ioctl', { index: 1, value: bit, valueTwo, op: 'SCMP_CMP_MASKED_EQ' });
  });
}

function allowWhen(name: string, condition: Condition): Rule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', args: [condition] };
}
