import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../benchmark.ts';
import { compare, inTurns } from './figures.ts';
import { docker, execRaw, images, openProvider, type Stand } from './stand.ts';

/** A sandbox with a PostgreSQL that answers, beside the same image that is started with nothing around it. */
export async function measurePostgres(stand: Stand, times: number): Promise<Figure> {
  const provider = openProvider({ warm: { calmMs: 3_600_000 } });
  const seed = 'CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000);';
  const pair = await inTurns(
    times,
    async () => {
      const spec = await stand.spec({ sideCars: [{ kind: 'postgres', seed }] });
      const began = performance.now();
      const sandbox = await provider.open(spec, stand.signal);
      const took = performance.now() - began;
      await sandbox.close();
      return took;
    },
    async () => {
      const began = performance.now();
      const container = await docker.createContainer({
        Image: images.postgres,
        Entrypoint: [],
        Cmd: ['/bin/sh', '-c', serve],
        User: '10001:10001',
        HostConfig: { NetworkMode: 'none', AutoRemove: true, Tmpfs: { '/data': 'rw,size=512m,mode=0777' } },
      });
      await container.start();
      await execRaw(container, [
        '/bin/sh',
        '-c',
        'until psql -X -h 127.0.0.1 -U postgres -c "select 1"; do sleep 0.05; done',
      ]);
      const took = performance.now() - began;
      await container.remove({ force: true });
      await sleep(50);
      return took;
    },
  );
  await provider.close();
  return compare('postgres-ready', pair, 'the image alone: create + start + select 1', 2);
}

const serve =
  'cp -r /cluster/data /data/cluster && chmod 700 /data/cluster && exec postgres -D /data/cluster -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp -c dynamic_shared_memory_type=mmap';
