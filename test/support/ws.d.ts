/** The part of the library that the stand-in for the Kubernetes API uses. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export interface ServerSocket extends EventEmitter {
    readonly protocol: string;
    readonly bufferedAmount: number;
    send(data: Buffer, done: (error?: Error) => void): void;
    close(): void;
    terminate(): void;
  }
  export class WebSocketServer {
    constructor(options: {
      noServer: true;
      handleProtocols: (offered: Set<string>, request: IncomingMessage) => string | false;
    });
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      accept: (socket: ServerSocket) => void,
    ): void;
  }
}
