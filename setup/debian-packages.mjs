/** What a shell script and a person who looks around expect, in every image that is made of packages. */
const common = [
  'bash',
  'coreutils',
  'dash',
  'diffutils',
  'findutils',
  'gdb-minimal',
  'git',
  'grep',
  'gzip',
  'make',
  'mawk',
  'patch',
  'procps',
  'ripgrep',
  'sed',
  'tar',
  'util-linux',
];

/** Packages of Debian and Ubuntu by image; what they depend on comes along. */
export const debianPackages = {
  python: [...common, 'python3', 'python3-pytest', 'python3-coverage'],
  go: [...common, 'golang-go', 'delve'],
  java: [...common, 'openjdk-17-jdk-headless', 'maven', 'junit5'],
};

/** Dependencies that do nothing in a sandbox: Perl is for git's mail and Subversion commands. */
export const leftOut = [
  'debconf',
  'dpkg',
  'git-man',
  'libperl5',
  'liberror-perl',
  'media-types',
  'perl',
  'perl-base',
  'perl-modules-5',
];

/** Files that nothing in a sandbox reads: documentation is most of the files, Go's own compiler sources most of the bytes. */
export const unread = [
  ...['doc', 'man', 'locale', 'info', 'lintian', 'bash-completion', 'bug'].map(
    (name) => `usr/share/${name}/*`,
  ),
  ...['api/*', 'test/*', 'src/cmd/*', 'src/*/testdata/*'].map((name) => `usr/share/go-*/${name}`),
  'usr/lib/go-*/pkg/*/cmd/*',
];
