import { spawn } from 'node:child_process';
import { gitEnvironment } from './bare-git.ts';
import type { Answer, ApiRequest } from './router.ts';

const servicePath = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export type GitRequest = { owner: string; repo: string; action: string; writes: boolean };

/** Recognises git's smart HTTP requests: clone, fetch and push. */
export function readGitRequest(request: ApiRequest): GitRequest | undefined {
  const [, owner, repo, action] = servicePath.exec(request.path) ?? [];
  if (owner === undefined || repo === undefined || action === undefined) return undefined;
  const writes = action === 'git-receive-pack' || request.query.get('service') === 'git-receive-pack';
  return { owner, repo, action, writes };
}

/** Hands the request to git's own server (`git http-backend`) as CGI. The caller has checked the credentials. */
export function serveGit(repositoriesDir: string, git: GitRequest, request: ApiRequest): Promise<Answer> {
  const env = gitEnvironment({
    GIT_PROJECT_ROOT: repositoriesDir,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${git.repo}.git/${git.action}`,
    QUERY_STRING: request.query.toString(),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: String(request.body.length),
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
    // http-backend takes a push only from somebody with a name
    ...(git.writes ? { REMOTE_USER: 'warroom' } : {}),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  });

  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const answer = parseCgi(Buffer.concat(out));
      if (answer === undefined) {
        reject(new Error(`git http-backend ended with ${code}: ${Buffer.concat(err).toString('utf8')}`));
      } else {
        resolve(answer);
      }
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.body);
  });
}

function parseCgi(output: Buffer): Answer | undefined {
  const end = output.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  return { status, headers, body: output.subarray(end + 4) };
}
