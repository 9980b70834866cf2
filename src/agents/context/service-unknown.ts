import { WarroomError } from '../../platform/errors.ts';

export class ServiceUnknown extends WarroomError {
  readonly code = 'service_unknown';

  constructor(name: string, known: readonly string[]) {
    super(`The catalogue has no service "${name}".`, `It has ${known.join(', ')}.`);
  }
}
