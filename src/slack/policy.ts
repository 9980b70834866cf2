/** What dialogs and answers say of the operators' rules; the flow is what enforces them. */
export interface SlackPolicy {
  /** Who may lift a halt: user ids, group ids, handles. */
  readonly haltLifters: readonly string[];
  /** Null: nobody may break the glass here. */
  readonly breakGlass: { readonly announceTo: string } | null;
}
