import { errorReply, type Reply } from '../route.ts';
import { maxEntries } from './parse-log-body.ts';

export function tooManyReply(): Reply {
  return errorReply(
    413,
    'too_many',
    `The body holds more than ${maxEntries} lines.`,
    'Send fewer lines per request; a thousand is a good number.',
  );
}
