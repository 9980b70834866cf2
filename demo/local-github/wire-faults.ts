import type { Answer, ApiRequest } from './router.ts';

/** What goes wrong on the wire, for tests and for showing how the bot copes. */
export type WireFault = {
  method: string;
  path: RegExp;
  /**
   * `lose-answer`: the work is done, the connection closes without a reply. `lose-request`: closed before the work.
   * An answer: given instead of doing the work.
   */
  happens: 'lose-answer' | 'lose-request' | Answer;
  /** How often; 1 unless told. */
  times?: number;
  /** Called each time it happens, after the work where there is any: the moment to kill whoever asked. */
  onHit?: () => void;
};

export type WireFaults = {
  add: (fault: WireFault) => void;
  clear: () => void;
  /** The fault for this request, used up once. */
  take: (request: ApiRequest) => WireFault | undefined;
};

export function createWireFaults(): WireFaults {
  let waiting: { fault: WireFault; left: number }[] = [];
  return {
    add(fault) {
      waiting.push({ fault, left: fault.times ?? 1 });
    },
    clear() {
      waiting = [];
    },
    take(request) {
      const found = waiting.find(
        ({ fault, left }) => left > 0 && fault.method === request.method && fault.path.test(request.path),
      );
      if (found === undefined) return undefined;
      found.left -= 1;
      return found.fault;
    },
  };
}
