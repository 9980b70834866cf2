/**
 * The import-boundary gate, in the working folder: node setup/check-boundaries.mjs. Exits 1 on a violation and 2
 * when no module was read: dependency-cruiser without a compiler it knows reads nothing and calls that a success.
 */
import { existsSync } from 'node:fs';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config from '../.dependency-cruiser.mjs';

const folders = ['src', 'demo', 'bench', 'test', 'setup'].filter((folder) => existsSync(folder));
const tsConfig = existsSync('tsconfig.json') ? extractTSConfig('tsconfig.json') : undefined;
const { tsConfig: _fileName, ...options } = config.options;

const { output } = await cruise(
  folders,
  /** @type {import('dependency-cruiser').ICruiseOptions} */ ({
    ...options,
    ruleSet: { forbidden: config.forbidden },
    validate: true,
  }),
  undefined,
  tsConfig === undefined ? {} : { tsConfig },
);
if (typeof output === 'string')
  throw new Error('dependency-cruiser answered with text where a result was asked for');

const { totalCruised, violations } = output.summary;
const ownModules = output.modules.filter(
  (module) => /\.(ts|mjs)$/.test(module.source) && !module.source.includes('node_modules/'),
);
for (const { rule, from, to, cycle, comment } of violations) {
  const route = cycle
    ? `${from} → ${cycle.map((step) => step.name).join(' → ')}`
    : from === to
      ? from
      : `${from} → ${to}`;
  console.log(`${rule.name}: ${route}${comment ? `\n  ${comment}` : ''}`);
}
console.log(
  `boundaries: ${ownModules.length} modules of ${totalCruised} read, ${violations.length} violations`,
);
if (ownModules.length === 0) {
  console.log(
    'No module was read, so nothing was checked. Is "typescript" still the alias of a compiler with an API?',
  );
  process.exitCode = 2;
} else if (violations.length > 0) {
  process.exitCode = 1;
}
