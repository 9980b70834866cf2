export const workFolder = '/work';

/** All that a command finds in its environment, beside what its image sets; nothing of the host's goes in. */
export const commandEnvironment: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/tmp',
  'TMPDIR=/tmp',
  'LANG=C.UTF-8',
  'CI=1',
  'NODE_ENV=test',
];
