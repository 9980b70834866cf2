/**
 * node setup/print-test-counts.mjs RESULTS.json: one line of counts from vitest's JSON report, after the names of
 * the tests that were skipped. Exits 1 when nothing ran, something failed, or there is no report to read.
 */
import { readFileSync } from 'node:fs';

const [file = ''] = process.argv.slice(2);
/** @type {{ numPassedTests: number, numFailedTests: number, testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} */
let report;
try {
  report = JSON.parse(readFileSync(file, 'utf8'));
} catch (error) {
  console.error(`No test report at ${file}: ${error instanceof Error ? error.message : String(error)}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

// A file that fails while it is loaded has no tests to count, and is a failure all the same.
const broken = report.testResults.filter(
  (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
);
for (const suite of broken) console.log(`could not be loaded: ${suite.name}`);

const skipped = report.testResults
  .flatMap((suite) => suite.assertionResults)
  .filter((test) => !['passed', 'failed'].includes(test.status));
for (const test of skipped) console.log(`skipped: ${test.fullName}`);

const failed = report.numFailedTests + broken.length;
if (report.numPassedTests + failed === 0) console.error('No test ran.');
console.log(
  `${report.numPassedTests} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
);
process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0;
