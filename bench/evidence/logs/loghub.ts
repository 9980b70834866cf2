import { readGzip } from '../part.ts';

export const systems = [
  'Apache',
  'BGL',
  'HDFS',
  'HealthApp',
  'Linux',
  'OpenStack',
  'Thunderbird',
  'Windows',
] as const;

export interface LabelledLogs {
  readonly system: string;
  /** As the system wrote them, with header. */
  readonly raw: readonly string[];
  /** The message alone, which is what published parsers are given. */
  readonly content: readonly string[];
  /** Group of each line: by the first publication, and corrected. */
  readonly event: readonly string[];
  readonly eventCorrected: readonly string[];
  readonly templateCorrected: readonly string[];
}

export async function readLabelledLogs(folder: string, system: string): Promise<LabelledLogs> {
  const raw = (await readGzip(folder, `${system}.log.gz`)).replace(/\n$/, '').split(/\r?\n/);
  const [header = [], ...rows] = readCsv(await readGzip(folder, `${system}.truth.csv.gz`));
  const column = (name: string): string[] => {
    const index = header.indexOf(name);
    return rows.map((row) => row[index] ?? '');
  };
  const content = column('content');
  if (raw.length !== content.length)
    throw new Error(`${system}: ${raw.length} lines, but ${content.length} labels.`);
  return {
    system,
    raw,
    content,
    event: column('event'),
    eventCorrected: column('event_corrected'),
    templateCorrected: column('template_corrected'),
  };
}

/** RFC 4180, as far as the labels use it. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /"((?:[^"]|"")*)"(,|\r?\n|$)|([^,\r\n]*)(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null) throw new Error('The file is no CSV.');
    row.push(match[1] === undefined ? (match[3] ?? '') : match[1].replaceAll('""', '"'));
    if ((match[2] ?? match[4]) !== ',') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
