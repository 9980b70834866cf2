export type FileClass = 'source' | 'config' | 'test' | 'docs' | 'lockfile' | 'ci' | 'asset';

const classes: readonly (readonly [RegExp, FileClass])[] = [
  [
    /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|Cargo\.lock|go\.sum|poetry\.lock|Gemfile\.lock|composer\.lock|uv\.lock)$/,
    'lockfile',
  ],
  [/(^|\/)(tests?|__tests__|specs?|fixtures?|mocks?|e2e|testdata)\//i, 'test'],
  [/([._-](test|spec|bench)\.\w+|_test\.\w+|(^|\/)test_\w+\.py|Tests?\.(java|kt|cs))$/, 'test'],
  [
    /(^|\/)(\.github|\.gitlab|\.circleci|\.ci|\.vscode)\/|(^|\/)(Jenkinsfile|\.gitlab-ci\.yml|\.travis\.yml|CODEOWNERS|\.gitignore|\.editorconfig)$|\.?(eslint|prettier|biome)[\w.]*$/i,
    'ci',
  ],
  [
    /(^|\/)(docs?|documentation)\/|\.(md|mdx|rst|adoc|txt)$|(^|\/)(LICENSE|NOTICE|AUTHORS|CHANGELOG|README)\b/i,
    'docs',
  ],
  [/\.(png|jpe?g|gif|svg|ico|woff2?|ttf|css|scss|pdf)$/i, 'asset'],
  [
    /\.(json|ya?ml|toml|ini|cfg|conf|properties|env|hcl|tf|xml)$|(^|\/)(\.env[\w.]*|Dockerfile|Procfile|nginx\.conf)$/i,
    'config',
  ],
];

export function classifyFile(path: string): FileClass {
  for (const [pattern, name] of classes) if (pattern.test(path)) return name;
  return 'source';
}
