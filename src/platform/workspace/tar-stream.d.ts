/** The part of the library that is used here. */
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream';

  export interface Headers {
    name: string;
    mode?: number;
    mtime?: Date;
    size?: number;
    type?: string | null;
    linkname?: string | null;
  }
  export interface Extract extends Writable {
    on(event: 'entry', listener: (headers: Headers, stream: Readable, next: () => void) => void): this;
    on(event: string, listener: (...args: never[]) => void): this;
  }
  export interface Pack extends Readable {
    entry(headers: Headers, content: Buffer): void;
    finalize(): void;
  }
  export function extract(options?: { filenameEncoding?: BufferEncoding }): Extract;
  export function pack(): Pack;
}
