import { registerGuards } from '../guarded/guarded-import.ts';
import { guards } from './guards.ts';
import type { SecondArgs } from './second-process.ts';

/** Entry of the second process: its clock and its missing guard come first, then everything else. */
const args = JSON.parse(process.argv[2] ?? '{}') as SecondArgs;
shiftClock(args.aheadMinutes * 60_000);
const server = new URL('./second-server.ts', import.meta.url);
if (args.guard !== null) {
  registerGuards(guards);
  server.searchParams.set('guard', args.guard);
}
const { serve } = (await import(server.href)) as typeof import('./second-server.ts');
await serve(args);

/** As `date -s` would, for this process alone. */
function shiftClock(byMs: number): void {
  if (byMs === 0) return;
  const Real = Date;
  class Shifted extends Real {
    constructor(...given: ConstructorParameters<DateConstructor> | []) {
      if (given.length === 0) super(Real.now() + byMs);
      else super(...(given as [number]));
    }
    static override now(): number {
      return Real.now() + byMs;
    }
  }
  globalThis.Date = Shifted as DateConstructor;
}
