/** A change of one source file, as somebody who switches a guard off would make it. */
export type Edit =
  /** `by` gets the exported function of this name and gives what stands in its place. */
  | { readonly file: string; readonly wrap: string; readonly by: string }
  | { readonly file: string; readonly find: string; readonly put: string };

/** Something in the product that would be missed. */
export interface SwitchedOff {
  readonly name: string;
  /** In all places that keep it: what is kept twice shows only when both are gone. */
  readonly off: readonly Edit[];
}
