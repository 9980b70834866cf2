import type { CodeHost } from '../ports/code-host.ts';
import type { SourceControl } from '../ports/source-control.ts';

/** What remedies act with. */
export interface Tools {
  readonly source: SourceControl;
  readonly codeHost: CodeHost;
}
