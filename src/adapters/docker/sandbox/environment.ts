export const workFolder = '/work';

/** All that a command finds in its environment, beside what its image sets; nothing of the host's goes in. */
export const commandEnvironment: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/tmp',
  'TMPDIR=/tmp',
  'LANG=C.UTF-8',
  'CI=1',
  'NODE_ENV=test',
  // Above the configuration of a repository, whose files would else be run by whoever asks git something in it.
  'GIT_CONFIG_COUNT=2',
  'GIT_CONFIG_KEY_0=core.hooksPath',
  'GIT_CONFIG_VALUE_0=/dev/null',
  'GIT_CONFIG_KEY_1=core.fsmonitor',
  'GIT_CONFIG_VALUE_1=false',
];
