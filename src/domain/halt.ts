/** While one is in force nothing is executed anywhere: no plan, no rollback, no undo. */
export interface Halt {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
  readonly liftedBy: string | null;
  readonly liftedAt: Date | null;
  readonly liftReason: string | null;
}
