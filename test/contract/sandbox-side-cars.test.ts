import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageName } from '../../setup/sandbox-image.mjs';
import type { Cell, SideCarImages } from '../../src/adapters/docker/sandbox/cell.ts';
import { type HostileWorld, openCell, openWorld } from '../support/hostile/scene.ts';

const docker = new Docker();
const images: SideCarImages = { postgres: imageName('postgres'), redis: imageName('redis') };
const seed = 'create table orders (id int); insert into orders select generate_series(1, 42);';

describe('side-cars of a cell', () => {
  let world: HostileWorld;
  let cell: Cell;
  let calm: AbortSignal;

  const script = async (code: string): Promise<string> => {
    const sandbox = cell.toSandbox(() => cell.remove());
    return (await sandbox.run(['node', '-e', code], { timeoutMs: 20_000, outputBytes: 4096 }, calm)).output;
  };
  const containers = async (): Promise<string[]> => {
    const all = await docker.listContainers({ all: true });
    return all
      .filter(({ HostConfig }) => HostConfig.NetworkMode === `container:${cell.id}`)
      .map(({ Id }) => Id);
  };

  beforeEach(async () => {
    calm = AbortSignal.timeout(55_000);
    world = await openWorld();
    cell = await openCell(world, [], calm);
  });

  afterEach(async () => {
    await cell?.remove();
    await world?.close();
  });

  it('answer on the loopback, which stays all the network that there is, and go with their cell', async () => {
    await cell.startSideCars([{ kind: 'postgres', seed }, { kind: 'redis' }], images, calm);

    const output = await script(`
      const net = require('net');
      net.connect(6379, '127.0.0.1').end('PING\\r\\n').on('data', (d) => console.log('redis', String(d).trim()));
      // The start of the protocol of PostgreSQL, for user and database postgres.
      const words = Buffer.from('user\\0postgres\\0database\\0postgres\\0\\0');
      const head = Buffer.alloc(8); head.writeInt32BE(8 + words.length); head.writeInt32BE(196608, 4);
      const ask = Buffer.from('select count(*) from orders\\0'); const q = Buffer.alloc(5); q[0] = 81; q.writeInt32BE(4 + ask.length, 1);
      const db = net.connect(5432, '127.0.0.1'); let seen = '';
      db.write(Buffer.concat([head, words])); db.write(Buffer.concat([q, ask]));
      db.on('data', (d) => { seen += d.toString('latin1'); if (seen.includes('SELECT 1')) { console.log('orders', seen.includes('42')); db.destroy(); } });
      for (const address of ['169.254.169.254', '${world.nameServer.address}', '192.0.2.1'])
        net.connect(80, address).on('connect', () => console.log('out')).on('error', (e) => console.log(e.code));`);

    expect(output).toContain('redis +PONG');
    expect(output).toContain('orders true');
    expect(output.match(/ENETUNREACH/g)).toHaveLength(3);
    const both = await containers();
    expect(both).toHaveLength(2);
    for (const id of both) {
      const { HostConfig, Config } = await docker.getContainer(id).inspect();
      expect(HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        IpcMode: 'none',
        AutoRemove: true,
      });
      expect(HostConfig.SecurityOpt).toContain('no-new-privileges');
      expect(Config.Labels).toHaveProperty(['dev.warroom.sandbox.expires']);
    }

    await cell.remove();

    expect(await containers()).toEqual([]);
  });

  it('say what is wrong, and none is left', async () => {
    const bad = cell.startSideCars(
      [{ kind: 'postgres', seed: 'create tabel x ();' }, { kind: 'redis' }],
      images,
      calm,
    );
    await expect(bad).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('tabel'),
    });
    const missing = cell.startSideCars([{ kind: 'redis' }], { redis: 'warroom/none:1' }, calm);
    await expect(missing).rejects.toMatchObject({ hint: expect.stringContaining('npm run images') });
    await expect(cell.startSideCars([{ kind: 'redis' }], {}, calm)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
    });

    expect(await containers()).toEqual([]);
  });
});
