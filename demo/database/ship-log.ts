import { createLogShipper } from '../shop/log-shipper.ts';

/** What a shipper beside the server does that tails its log: every line as it is, with the name of the stream. */
export function shipDatabaseLog(name: string, url: string, token: string) {
  const shipper = createLogShipper({ url, token });
  const labels = { service: `${name}-db` };
  return {
    /** What selects its lines. */
    labels,
    push: (line: string) =>
      shipper.push(JSON.stringify({ ts: new Date().toISOString(), ...labels, msg: line })),
    stop: () => shipper.stop(),
  };
}
