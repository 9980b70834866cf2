import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface Rsyslog {
  /** Lines of JSON, shipped as the documents that they are. */
  readonly documents: string;
  /** Lines of any text, each shipped in the field `log` of a document. */
  readonly text: string;
  /** What it complained of so far. */
  output(): string;
  append(file: string, lines: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** A real rsyslogd that follows two files (imfile) and ships them to an Elasticsearch address (omelasticsearch). */
export async function startRsyslog(target: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}): Promise<Rsyslog> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'warroom-rsyslog-'));
  const documents = path.join(folder, 'documents.log');
  const text = path.join(folder, 'text.log');
  const config = path.join(folder, 'rsyslog.conf');
  await mkdir(path.join(folder, 'state'));
  await Promise.all([writeFile(documents, ''), writeFile(text, '')]);
  await writeFile(config, configOf(folder, documents, text, target));

  const pidFile = path.join(folder, 'pid');
  // sbin is not on everybody's path.
  const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const child = spawn('rsyslogd', ['-n', '-f', config, '-i', pidFile], {
    cwd: folder,
    env: { ...process.env, PATH: searchPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-20_000);
    });
  const gone = once(child, 'exit');
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);

  return {
    documents,
    text,
    output: () => output,
    append: (file, lines) => appendFile(file, lines.map((line) => `${line}\n`).join('')),
    async stop() {
      process.off('exit', killAtExit);
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf(
  folder: string,
  documents: string,
  text: string,
  { port, user, password }: { port: number; user: string; password: string },
): string {
  const action = (template: string) => `
  action(type="omelasticsearch" server="127.0.0.1" serverport="${port}" usehttps="off"
    uid="${user}" pwd="${password}" template="${template}" searchIndex="logs" searchType="" bulkmode="on"
    queue.type="linkedlist" queue.dequeueBatchSize="500"
    action.resumeRetryCount="-1" action.resumeInterval="1")`;
  return `
global(workDirectory="${folder}/state")
module(load="imfile")
module(load="omelasticsearch")
template(name="document" type="list") { property(name="msg") }
template(name="wrapped" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="service" name="programname" format="jsonf")
  property(outname="log" name="msg" format="jsonf")
}
input(type="imfile" File="${documents}" Tag="documents:" ruleset="documents")
input(type="imfile" File="${text}" Tag="batch-job:" ruleset="text")
ruleset(name="documents") {${action('document')}
}
ruleset(name="text") {${action('wrapped')}
}
`;
}
