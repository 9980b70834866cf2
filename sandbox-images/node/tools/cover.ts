import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './program.ts';
import { absolute } from './source-place.ts';
import { readArguments } from './tool-arguments.ts';

const mostReports = 40;
const mostBytes = 390_000;

/** V8's own coverage of the files that were asked for, one report a process. */
export async function cover(words: readonly string[]) {
  const args = readArguments(words, ['file', 'seconds']);
  const urls = new Set((args.options['file'] ?? []).map((file) => pathToFileURL(absolute(file)).href));
  const folder = mkdtempSync(join(tmpdir(), 'warroom-cover-'));
  try {
    const program = launch(args.argv, null, { NODE_V8_COVERAGE: folder });
    const timer = setTimeout(() => void program.end(), args.number('seconds', 60, 600) * 1000);
    await program.ended;
    clearTimeout(timer);
    const exit = await program.end();
    const notes: string[] = [];
    const reports: { format: 'v8'; text: string }[] = [];
    let bytes = 0;
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        result: { url: string }[];
      };
      const wanted = result.filter((script) => urls.has(script.url));
      if (wanted.length === 0) continue;
      const text = JSON.stringify({ result: wanted });
      bytes += text.length;
      if (reports.length >= mostReports || bytes > mostBytes) {
        notes.push('There is more coverage than fits: some of it is left out.');
        break;
      }
      reports.push({ format: 'v8', text });
    }
    return { reports, exit, output: program.output(), notes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
