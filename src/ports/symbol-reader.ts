export type SymbolKind =
  | 'function'
  | 'method'
  | 'class'
  | 'interface'
  | 'type'
  | 'enum'
  | 'module'
  | 'value'
  | 'field';

export interface DeclaredSymbol {
  readonly name: string;
  readonly kind: SymbolKind;
  /** From 1, first and last of its whole declaration. */
  readonly line: number;
  readonly endLine: number;
  /** The declaration around it: a class of its method. */
  readonly within: string | null;
}

export interface SymbolUse {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** The innermost declaration that the use stands in. */
  readonly within: string | null;
}

/** Reads code by its grammar. Untrusted text: bounded in size and time, nothing of it is run. */
export interface SymbolReader {
  /** Whether the language of such a file is known, by its name. */
  reads(path: string): boolean;
  /**
   * Declarations of this name, and where else the name stands as one: not in comments and not in texts. Null where the file
   * is of another language, too large, or took too long.
   */
  find(
    file: { readonly path: string; readonly text: string },
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly declared: readonly DeclaredSymbol[]; readonly uses: readonly SymbolUse[] } | null>;
}
